/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/inspect/other_binders.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "config/cmdline.h"
#include "decide/match.h"
#include "decide/protection.h"
#include "machine/enumerate.h"
#include "tool/output/path.h"
#include "tool/plan/modprobe_d.h"
#include "tool/plan/modprobe_options.h"

#define TEXT_MAX (256 * 1024)

/* --- files --- */

/* Directories whose files are searched, and those below which each directory is one: scripts/init-top. */
static const struct {
	const char *path;
	bool deep;
} places[] = {
	{ "etc/initramfs-tools/scripts", true },
	{ "etc/udev/rules.d", false },
	{ "etc/modules-load.d", false },
	{ "etc/dracut.conf.d", false },
};

static const char *const lists[] = { "etc/modules", "etc/initramfs-tools/modules", "etc/dracut.conf",
				     "etc/mkinitcpio.conf" };

/* What gives such a file away; the first that it has is told. */
static const char *const marks[] = { "driver_override", "vfio-pci ids=", "vfio_pci ids=",
				     "pci-stub ids=",	"pci_stub ids=", "new_id",
				     "vfio-pci/bind",	"modprobe vfio", "driverctl" };

struct search {
	struct system *sys;
	const char *dir;
	int (*seen)(void *data, const char *file, const char *what);
	void *data;
	bool deep;
	char **names;
	size_t n, room;
};

static int keep_name(const char *name, void *data)
{
	struct search *search = data;
	char *copy = strdup(name);
	int r = copy ? ARRAY_GROW(search->names, search->n, search->room) : -ENOMEM;

	if (r < 0)
		free(copy);
	else
		search->names[search->n++] = copy;
	return r;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Comments apart; where it is a list of modules, options after the module's name are taken. */
static const char *mark_in(struct slice text)
{
	while (text.len) {
		struct slice line = slice_trim(slice_cut(&text, '\n'));

		if (!line.len || line.at[0] == '#')
			continue;
		for (size_t m = 0; m < COUNT_OF(marks); m++)
			for (size_t i = 0; i + strlen(marks[m]) <= line.len; i++)
				if (slice_starts(slice_sub(line, i, line.len), marks[m]))
					return marks[m];
	}
	return NULL;
}

static int search_file(const struct search *search, const char *path)
{
	CLEANUP(free_string) char *bytes = NULL;
	char shown[SYSTEM_PATH_MAX + 1];
	struct slice text;
	const char *mark;

	if (search->sys->ops->read_all(search->sys, path, TEXT_MAX, &bytes, &text.len) < 0)
		return 0;
	text.at = bytes;
	mark = mark_in(text);
	snprintf(shown, sizeof(shown), "/%s", path);
	return mark ? search->seen(search->data, shown, mark) : 0;
}

/* The files of DIR by name; of DEEP, those of its directories. */
static int search_directory(const struct search *parent, const char *dir, bool deep)
{
	struct search search = { .sys = parent->sys, .seen = parent->seen, .data = parent->data };
	int r = system_for_each_entry(search.sys, keep_name, &search, "%s", dir);

	r = r == -ENOMEM ? r : 0;
	if (search.n)
		qsort(search.names, search.n, sizeof(search.names[0]), compare_names);
	for (size_t i = 0; i < search.n; i++) {
		char path[SYSTEM_PATH_MAX];
		bool fits = snprintf(path, sizeof(path), "%s/%s", dir, search.names[i]) < (int)sizeof(path);

		if (r == 0 && fits)
			r = deep ? search_directory(parent, path, false) : search_file(&search, path);
		free(search.names[i]);
	}
	free(search.names);
	return r;
}

/* `install vfio-pci ...` and `alias pci:... vfio-pci`, which libkmod does not tell the files of. */
static int search_modprobe_d(const struct search *search, const char *sysroot)
{
	CLEANUP(modprobe_files_done) struct modprobe_files files = { 0 };
	int r = modprobe_files(sysroot, &files);

	for (size_t i = 0; i < files.n && r == 0; i++) {
		CLEANUP(free_string) char *bytes = NULL;
		bool install = false, alias = false;
		struct slice text;

		if (search->sys->ops->read_all(search->sys, files.items[i].shown + 1, TEXT_MAX, &bytes, &text.len) < 0)
			continue;
		text.at = bytes;
		while (text.len) {
			struct slice line = slice_cut(&text, '\n'), word = slice_word(&line), next = slice_word(&line);

			if (slice_is(word, "install") && (slice_starts(next, "vfio") || slice_starts(next, "pci-stub")))
				install = true;
			if (slice_is(word, "alias") && slice_starts(next, "pci:") &&
			    slice_starts(slice_word(&line), "vfio"))
				alias = true;
		}
		if (install)
			r = search->seen(search->data, files.items[i].shown, "an install command for a VFIO driver");
		if (r == 0 && alias)
			r = search->seen(search->data, files.items[i].shown, "an alias of a device for a VFIO driver");
	}
	return r;
}

int other_binders_forms(struct system *sys, const char *sysroot,
			int (*seen)(void *data, const char *file, const char *what), void *data)
{
	const struct search search = { .sys = sys, .seen = seen, .data = data };
	int r = search_modprobe_d(&search, sysroot);

	for (size_t i = 0; i < COUNT_OF(places) && r == 0; i++)
		r = search_directory(&search, places[i].path, places[i].deep);
	for (size_t i = 0; i < COUNT_OF(lists) && r == 0; i++)
		r = search_file(&search, lists[i]);
	return r;
}

/* --- devices --- */

struct judge {
	const struct other_binders *other;
	struct machine machine; /* all of it */
};

static void report(const struct judge *judge, enum level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static void report(const struct judge *judge, enum level level, const char *format, ...)
{
	struct linebuf line;
	va_list args;

	linebuf_start(&line);
	va_start(args, format);
	linebuf_add_escaped_list(&line, format, args);
	va_end(args);
	judge->other->report(judge->other->data, level, line.at);
}

static const struct rule *find_rule(const struct config *config, const struct device *device, bool skip)
{
	for (size_t i = 0; i < config->n_rules; i++)
		if (config->rules[i].skip == skip && rule_fits(&config->rules[i], device))
			return &config->rules[i];
	return NULL;
}

/* WHERE will take DEVICE. EARLY: before the binder, so that a line cannot keep it. */
static void judge_device(const struct judge *judge, const struct device *device, const char *where, bool early)
{
	const struct config *config = judge->other->config;
	const struct rule *line = find_rule(config, device, false), *skip = find_rule(config, device, true);
	const char *name = address_name(device->address).at;
	bool moved;
	const struct plan_need *need = protection_find(judge->other->plan, &judge->machine, device, &moved);

	if (need && !(line && line->even_if_needed))
		report(judge, LEVEL_PROBLEM,
		       "%s takes %s, which the host depends on (%s): remove it there before the next boot", where, name,
		       need->what);
	else if (skip)
		report(judge, LEVEL_PROBLEM, "%s takes %s, although a skip line names it: remove it there", where,
		       name);
	else if (!line)
		report(judge, early ? LEVEL_PROBLEM : LEVEL_NOTE,
		       "%s takes %s, which no line names: remove it there, or add a line", where, name);
}

/* vendor:device[:subvendor[:subdevice...]],... */
static void judge_ids(const struct judge *judge, struct slice list, const char *where, bool early)
{
	while (list.len) {
		struct slice item = slice_cut(&list, ',');
		struct id_pattern id = id_pattern_any;
		int32_t *const parts[] = { &id.vendor, &id.device, &id.subvendor, &id.subdevice };
		uint32_t value;
		size_t n = 0;

		while (n < COUNT_OF(parts) && item.at && slice_hex(slice_trim(slice_cut(&item, ':')), 8, &value))
			*parts[n++] = (int32_t)value;
		if (n < 2)
			continue;
		for (size_t i = 0; i < judge->machine.n_devices; i++) {
			const struct device *device = &judge->machine.devices[i];

			if (device->error == 0 && !device_is_bridge(device) && id_pattern_fits(&id, &device->identity))
				judge_device(judge, device, where, early);
		}
	}
}

static void judge_address(const struct judge *judge, struct slice word, const char *where, bool early)
{
	const struct device *device;
	struct address address;

	if (!address_from_name(word, &address))
		return;
	device = machine_device(&judge->machine, address);
	if (device)
		judge_device(judge, device, where, early);
}

static bool is_builtin(const struct judge *judge, const char *module)
{
	const struct plan_module *planned = plan_find(judge->other->plan, module);
	struct system *sys = judge->other->sys;

	if (planned)
		return planned->kind == PLAN_BUILTIN;
	return system_exists(sys, "sys/module/%s", module) && !system_exists(sys, "sys/module/%s/initstate", module);
}

/* Parameters of drivers that are part of the kernel act before any initramfs. */
static void judge_cmdline(const struct judge *judge)
{
	struct slice rest = judge->other->cmdline, name, value;

	while (cmdline_next(&rest, &name, &value)) {
		if ((slice_is(name, "vfio-pci.ids") || slice_is(name, "vfio_pci.ids")) && is_builtin(judge, "vfio_pci"))
			judge_ids(judge, value, "vfio-pci.ids= on the kernel command line", true);
		else if (slice_is(name, "pci-stub.ids") || slice_is(name, "pci_stub.ids"))
			judge_ids(judge, value, "pci-stub.ids= on the kernel command line", true);
		else if (slice_is(name, "xen-pciback.hide") || slice_is(name, "xen_pciback.hide"))
			/* "(0000:01:00.0)(0000:02:00.0)" */
			while (value.len) {
				struct slice word = slice_cut(&value, ')');

				if (word.len && word.at[0] == '(')
					judge_address(judge, slice_sub(word, 1, word.len),
						      "xen-pciback.hide= on the kernel command line", true);
			}
	}
}

static int judge_override(const char *name, void *data)
{
	struct judge *judge = data;
	CLEANUP(free_string) char *bytes = NULL;
	char path[SYSTEM_PATH_MAX], where[SYSTEM_PATH_MAX + 64];
	struct slice text, driver;

	if (strncmp(name, "pci-", 4) || snprintf(path, sizeof(path), "etc/driverctl.d/%s", name) >= (int)sizeof(path) ||
	    judge->other->sys->ops->read_all(judge->other->sys, path, TEXT_MAX, &bytes, &text.len) < 0)
		return 0;
	text.at = bytes;
	driver = slice_trim(slice_cut(&text, '\n'));
	snprintf(where, sizeof(where), "/%s (driverctl: %.*s)", path, SLICE_ARGS(driver));
	judge_address(judge, slice_of(name + 4), where, false);
	return 0;
}

static int report_form(void *data, const char *file, const char *what)
{
	report(data, LEVEL_NOTE, "%s has %s: it may bind devices, which check cannot tell; read it", file, what);
	return 0;
}

int other_binders_check(const struct other_binders *other)
{
	struct judge judge = { .other = other };
	int r = enumerate_every(other->sys, &judge.machine);

	if (r == 0) {
		judge_cmdline(&judge);
		system_for_each_entry(other->sys, judge_override, &judge, "etc/driverctl.d");
		r = other_binders_forms(other->sys, other->sysroot, report_form, &judge);
	}
	machine_done(&judge.machine);
	return r;
}
