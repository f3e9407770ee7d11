/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check.h"

#include <signal.h>
#include <stdio.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>

#include "base/errno_name.h"

static void wrong(struct check *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void wrong(struct check *c, const char *format, ...)
{
	char text[8192];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	/* One write: other workers print as well. */
	printf("not ok  %s, %s in process %u at %s: %s\n", c->scenario, c->kind, c->role, c->what, text);
	fflush(stdout);
	c->wrong++;
}

/* --- how it ended --- */

void check_killed(struct check *c, int status, int timed_out)
{
	if (timed_out)
		wrong(c, "a process did not end");
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		wrong(c, "it was not killed");
}

static void check_end(struct check *c, int status, int timed_out)
{
	if (timed_out)
		wrong(c, "it did not end");
	else if (!WIFEXITED(status))
		wrong(c, "it died of signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) > 2)
		wrong(c, "exit status %d", WEXITSTATUS(status));
}

/* --- devices --- */

static bool same(const struct device_state *a, const struct device_state *b)
{
	return !strcmp(a->driver, b->driver) && !strcmp(a->override, b->override);
}

static bool is_untouched(const struct check *c, size_t i)
{
	return same(&c->state.devices[i], &c->before->devices[i]);
}

static bool is_as_wanted(const struct check *c, size_t i)
{
	return same(&c->state.devices[i], &c->wanted->devices[i]);
}

/* With its own driver, or free for it: no override keeps it off. */
static bool is_given_back(const struct check *c, size_t i)
{
	const struct fake_device *d = &machine_devices[i];
	const struct device_state *now = &c->state.devices[i];

	return !strcmp(now->override, "(null)") && !strcmp(now->driver, d->native ? d->native : d->driver);
}

static bool is_named(const struct check *c, size_t i)
{
	return strstr(c->wanted->files, machine_devices[i].address) != NULL;
}

/* A line of the log or of the kernel's that says of the device that it is not as it was asked for. */
static bool is_reported(const struct check *c, size_t i, const char *word)
{
	const char *const texts[] = { c->state.kmsg, c->state.log };

	for (size_t t = 0; t < 2; t++)
		for (const char *line = texts[t]; *line; line += strcspn(line, "\n") + 1) {
			size_t len = strcspn(line, "\n");
			const char *at = strstr(line, machine_devices[i].address), *is = strstr(line, word);

			if (at && is && at < line + len && is < line + len)
				return true;
			if (!line[len])
				break;
		}
	return false;
}

static void check_device(struct check *c, size_t i, bool struck)
{
	const struct fake_device *d = &machine_devices[i];
	const struct device_state *now = &c->state.devices[i];
	bool hung = is_reported(c, i, " driver-hung: ");

	if (!is_named(c, i)) {
		if (!is_untouched(c, i))
			wrong(c, "%s, which no line names, is now with \"%s\" and overridden by \"%s\"", d->address,
			      now->driver, now->override);
		return;
	}
	if (is_reported(c, i, " ready: ") && strcmp(now->driver, "vfio-pci"))
		wrong(c, "%s is reported ready and is with \"%s\"", d->address, now->driver);
	if (is_as_wanted(c, i) || is_untouched(c, i) || is_given_back(c, i))
		return;
	/* The state of a device is unknown if its driver hangs, or if the child that bound it was killed. */
	if (struck && hung)
		return;
	if (is_reported(c, i, "could not be restored to its native driver"))
		return;
	wrong(c, "%s is driver-changed: with \"%s\", overridden by \"%s\"", d->address, now->driver, now->override);
}

/* It is found through the other, or joins the group of the other. */
static bool depends(size_t i, size_t on)
{
	const struct fake_device *a = &machine_devices[i], *b = &machine_devices[on];

	return a->group == b->group || (a->under && !strcmp(a->under, b->address));
}

static void check_devices(struct check *c)
{
	size_t struck = machine_find(c->what);

	for (size_t i = 0; i < DEVICES; i++) {
		/* A fault at a device is that device's; a kill or a hang may be at a call that names none. */
		if (struck < DEVICES && !depends(i, struck) && is_named(c, i) && !is_as_wanted(c, i))
			wrong(c, "%s suffers for %s", machine_devices[i].address, machine_devices[struck].address);
		check_device(c, i, struck == i || !c->error);
	}
}

/* --- what is reported --- */

/* A line of TEXT that is not in KNOWN and holds one of WORDS; the times at their ends differ by themselves. */
static bool has_new_line(const char *text, const char *known, const char *const words[])
{
	char line[1024];

	while (*text) {
		size_t len = strcspn(text, "\n");

		snprintf(line, sizeof(line), "%.*s", (int)len, text);
		text += text[len] ? len + 1 : len;
		if (strstr(known, line) || strstr(line, " ms"))
			continue;
		for (size_t i = 0; words[i]; i++)
			if (strstr(line, words[i]))
				return true;
	}
	return false;
}

/* What differs from a run without the fault is reported, and by name. */
static void check_reported(struct check *c)
{
	const char *const words[] = {
		c->error ? errno_name(c->error) : "ETIMEDOUT",
		/* What the binder makes of a failing fork or mmap, and of a child that is no more. */
		"EAGAIN",
		"ENOMEM",
		"ECHILD",
		" driver-hung: ",
		/* A group that is busy is no fault; a driver that cannot be looked for is none that is there. */
		" not verified through VFIO",
		" module-missing: ",
		" bind-failed: ",
		NULL,
	};

	for (size_t i = 0; i < DEVICES; i++) {
		const char *const address[] = { machine_devices[i].address, NULL };

		if (!is_as_wanted(c, i) && !has_new_line(c->state.kmsg, c->wanted->kmsg, address) &&
		    !has_new_line(c->state.log, c->wanted->log, address) &&
		    !has_new_line(c->state.kmsg, c->wanted->kmsg, words))
			wrong(c, "%s is not reported", machine_devices[i].address);
	}
	if (strcmp(c->state.files, c->wanted->files) && !has_new_line(c->state.kmsg, c->wanted->kmsg, words) &&
	    !has_new_line(c->state.log, c->wanted->log, words))
		wrong(c, "the difference is not reported; kernel log:\n%s\nfiles:\n%s", c->state.kmsg, c->state.files);
}

/* The two logs differ only in what each says of the other. */
static void check_logs(struct check *c)
{
	if (!c->state.log[0] && !strstr(c->state.kmsg, " could not be written ("))
		wrong(c, "the log is missing and the kernel log does not say so");
	if (strlen(c->state.kmsg) < strlen(c->state.log) &&
	    !strstr(c->state.log, " of these lines could not be written to the kernel log "))
		wrong(c, "the kernel log lacks a line and the log does not say so");
}

static void check_no_halves(struct check *c)
{
	if (strstr(c->state.files, ".new:\n"))
		wrong(c, "a half-written file is left:\n%s", c->state.files);
}

/* --- all of it --- */

void check_faulty_run(struct check *c, int status, int timed_out, int wanted_status)
{
	check_end(c, status, timed_out);
	check_devices(c);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
		return;
	if (WIFEXITED(status) && WEXITSTATUS(status) < WEXITSTATUS(wanted_status))
		wrong(c, "its status is better than without the fault");
	check_reported(c);
	check_logs(c);
	check_no_halves(c);
}

void check_second_run(struct check *c, int status, int timed_out, int wanted_status)
{
	check_end(c, status, timed_out);
	if (status != wanted_status)
		wrong(c, "status %d, not %d\n%s", status, wanted_status, c->state.kmsg);
	for (size_t i = 0; i < DEVICES; i++)
		if (!is_as_wanted(c, i))
			wrong(c, "%s is with \"%s\" and overridden by \"%s\"", machine_devices[i].address,
			      c->state.devices[i].driver, c->state.devices[i].override);
	if (strcmp(c->state.files, c->wanted->files))
		wrong(c, "the files in /run are\n%s\nnot\n%s", c->state.files, c->wanted->files);
}
