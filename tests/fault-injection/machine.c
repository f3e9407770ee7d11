/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "machine.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NIC "0000:00:03.0"
#define TWIN "0000:00:04.0"
#define SERIAL "0000:00:05.0"
#define DISK "0000:00:06.0"
#define PORT "0000:00:1c.0"
#define GPU "0000:01:00.0"
#define AUDIO "0000:01:00.1"

const struct fake_device machine_devices[DEVICES] = {
	{ NIC, "8086:10d3", NULL, NULL, "e1000e", 3, "pm\n", NULL, false },
	{ TWIN, "8086:10d3", NULL, NULL, "e1000e", 4, "pm\n", NULL, false },
	{ SERIAL, "1b36:0002", "070002", "serial", NULL, 5, NULL, NULL, false },
	{ DISK, "144d:a808", "010802", "nvme", NULL, 6, "flr bus\n", NULL, false },
	{ PORT, "1b36:000c", "060400", "pcieport", NULL, 7, NULL, NULL, false },
	{ GPU, "10de:1b80", "030000", NULL, "nouveau", 8, "bus\n", PORT, true },
	{ AUDIO, "10de:10f0", "040300", NULL, "snd_hda_intel", 8, NULL, PORT, false },
};

static struct fake *make_machine(const char *config)
{
	struct fake *fake = fake_new();
	char node[64];

	for (size_t i = 0; i < DEVICES; i++) {
		fake_add(fake, &machine_devices[i]);
		snprintf(node, sizeof(node), "dev/vfio/%d", machine_devices[i].group);
		fake_file(fake, node, "");
	}
	fake_file(fake, "dev/vfio/vfio", "");
	fake_file(fake, "run/x", "");
	fake_file(fake, "etc/earlybind.conf", config);
	return fake;
}

/* Everything works: by address, by path with its group, from a driver that has it. */
static struct fake *make_ready(void)
{
	return make_machine("set timeout 1\n" NIC "\n" SERIAL " id=1b36:0002\n00:1c.0/00.0 group\n");
}

/* No plan, and of three devices one is bound: the others have to go back. A file with a mistake, and a drop-in. */
static struct fake *make_trouble(void)
{
	struct fake *fake = make_machine("set timeout 1\n8086:10d3\nnonsense\n" DISK " id=10de:*\n");

	fake_file(fake, "etc/earlybind.d/10-serial.conf", SERIAL "\n");
	fake_remove(fake, "etc/earlybind.plan");
	fake_file(fake, "lib/modules/6.1.0-fake/modules.dep",
		  "kernel/drivers/vfio/vfio.ko:\nkernel/drivers/vfio/pci/vfio-pci.ko: kernel/drivers/vfio/vfio.ko\n"
		  "kernel/drivers/vfio/vfio_iommu_type1.ko: kernel/drivers/vfio/vfio.ko\n");
	fake_fault(fake, "bind", TWIN, EIO);
	fake_fault(fake, "unbind", SERIAL, EBUSY);
	return fake;
}

const struct scenario scenarios[] = {
	{ "ready", make_ready },
	{ "trouble", make_trouble },
};
const size_t n_scenarios = sizeof(scenarios) / sizeof(scenarios[0]);

size_t machine_find(const char *text)
{
	size_t found = DEVICES;
	const char *last = NULL;

	for (size_t i = 0; i < DEVICES; i++)
		for (const char *at = text; (at = strstr(at, machine_devices[i].address)); at++)
			if (!last || at > last) {
				last = at;
				found = i;
			}
	return found;
}

/* --- state --- */

static void append(char *to, size_t size, const char *text)
{
	size_t len = strlen(to);

	if ((size_t)snprintf(to + len, size - len, "%s", text) >= size - len)
		abort();
}

/* Leave out WORD and what follows it up to the next blank. */
static void leave_out(char *line, const char *word)
{
	char *at = strstr(line, word);

	if (at) {
		const char *end = at + strlen(word) + strcspn(at + strlen(word), " ");

		memmove(at, end, strlen(end) + 1);
	}
}

/*
 * Times differ from run to run. If an earlier run was interrupted, so do the
 * driver that a device had, and whether vfio-pci was there first.
 */
static void append_lines(char *to, size_t size, char *text)
{
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		char *note;

		if (!strncmp(line, "microseconds=", 13))
			continue;
		leave_out(line, " previous=");
		leave_out(line, " vfio-first=");
		note = strstr(line, "taken-over");
		if (note && !strncmp(note, "taken-over,", 11))
			memmove(note, note + 11, strlen(note + 11) + 1);
		else if (note && !strncmp(note - 7, " notes=", 7))
			memmove(note - 7, note + 10, strlen(note + 10) + 1);
		append(to, size, line);
		append(to, size, "\n");
	}
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void append_directory(struct fake *fake, const char *path, char *to, size_t size)
{
	struct dirent **entries;
	char whole[512], entry[512];
	int n;

	snprintf(whole, sizeof(whole), "%s/%s", fake->root, path);
	n = scandir(whole, &entries, NULL, compare_names);
	for (int i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;

		snprintf(entry, sizeof(entry), "%s/%s", path, name);
		if (strcmp(name, ".") && strcmp(name, "..") && strcmp(name, "log")) {
			append(to, size, entry);
			append(to, size, ":\n");
			append_lines(to, size, (char *)fake_read(fake, entry));
			append_directory(fake, entry, to, size);
		}
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

static void read_devices(struct fake *fake, struct state *state)
{
	for (size_t i = 0; i < DEVICES; i++) {
		const char *address = machine_devices[i].address;
		struct device_state *d = &state->devices[i];
		char path[128];

		snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/driver_override", address);
		snprintf(d->driver, sizeof(d->driver), "%s", fake_driver(fake, address));
		snprintf(d->override, sizeof(d->override), "%s", fake_read(fake, path));
	}
}

void state_read(struct fake *fake, struct state *ret)
{
	memset(ret, 0, sizeof(*ret));
	read_devices(fake, ret);
	append_directory(fake, "run/earlybind", ret->files, sizeof(ret->files));
	append(ret->log, sizeof(ret->log), fake_read(fake, "run/earlybind/log"));
	append(ret->kmsg, sizeof(ret->kmsg), fake_read(fake, "dev/kmsg"));
}
