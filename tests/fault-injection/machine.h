/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machines that the trapped binder runs on, and the state that it leaves them in. */
#ifndef EARLYBIND_TESTS_FAULTS_MACHINE_H
#define EARLYBIND_TESTS_FAULTS_MACHINE_H

#include <stdbool.h>
#include <stddef.h>

#include "fake_kernel.h"

#define DEVICES 7

struct scenario {
	const char *name;
	struct fake *(*make)(void);
};

extern const struct scenario scenarios[];
extern const size_t n_scenarios;

/* A device as it is left; compared as a whole, so unused bytes are zero. */
struct device_state {
	char driver[64];
	char override[64];
};

struct state {
	struct device_state devices[DEVICES];
	char files[16 * 1024]; /* below /run/earlybind except the log: names and contents, without what differs from
				  run to run */
	char log[16 * 1024];
	char kmsg[16 * 1024];
};

/* The devices of every machine; those that no line names are to stay as they are. */
extern const struct fake_device machine_devices[DEVICES];
void state_read(struct fake *fake, struct state *ret);
/* The index of the device whose address comes last in TEXT: the one below all the bridges of a path. Or DEVICES. */
size_t machine_find(const char *text);

#endif
