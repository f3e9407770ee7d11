/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Access to the system: all that earlybind reads from a machine or does to it
 * goes through these operations. Paths are relative to the root that was opened
 * ("sys/bus/pci/devices/..."), which is that of the running system, of a
 * captured machine (--sysroot), or of the tests' fake kernel.
 *
 * All operations return a negative errno on failure, write their results only
 * on success, and log nothing.
 */
#ifndef EARLYBIND_SYSTEM_SYSTEM_H
#define EARLYBIND_SYSTEM_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/slice.h"

#define SYSTEM_PATH_MAX 512

/* How far the trial of an IOMMU group came: see system/vfio.c. */
enum trial_step {
	TRIAL_NOT_MADE,
	TRIAL_GROUP,	 /* open /dev/vfio/GROUP */
	TRIAL_STATUS,	 /* ask for the group's status */
	TRIAL_VIABLE,	 /* the status says viable */
	TRIAL_CONTAINER, /* open /dev/vfio/vfio */
	TRIAL_ATTACH,	 /* put the group into the container */
	TRIAL_IOMMU,	 /* have the container attach the IOMMU */
	TRIAL_DONE,	 /* all of it worked */
	TRIAL_OPEN,	 /* the rest needs a device to be opened, and is not tried: the group is viable */
	TRIAL_TYPE,	 /* the container has a type of IOMMU, but not type 1 */
};

struct trial {
	enum trial_step step; /* the step that failed or was not made, or TRIAL_DONE */
	int error;	      /* its errno; 0 where the answer itself was no */
};

struct system;

struct system_ops {
	/* One read(2) of at most SIZE bytes; the number of bytes. */
	ssize_t (*read)(struct system *sys, const char *path, char *to, size_t size);
	/*
	 * The whole of a file, at most LIMIT bytes; RET is the caller's to free.
	 * -EISDIR for a directory, -ENXIO for a FIFO, a socket or a device: these
	 * are not opened, because that may wait, act on a device, or never end.
	 */
	int (*read_all)(struct system *sys, const char *path, size_t limit, char **ret, size_t *ret_len);
	/* One write(2) to an existing file; a short one is -EIO. */
	int (*write)(struct system *sys, const char *path, const char *data, size_t len);
	/* One record for the kernel log, "<30>...\n". */
	int (*log)(struct system *sys, const char *record, size_t len);
	/* A symbolic link's target, NUL-terminated; -ENAMETOOLONG when it does not fit. */
	int (*readlink)(struct system *sys, const char *path, char *to, size_t size);
	/* Call EACH for every entry but . and ..; a non-zero result of EACH ends the walk and is returned. */
	int (*for_each_entry)(struct system *sys, const char *path, int (*each)(const char *name, void *data),
			      void *data);
	bool (*exists)(struct system *sys, const char *path);
	/* A directory with mode 0755; one that is already there is fine, a link to one is -ENOTDIR. */
	int (*mkdir)(struct system *sys, const char *path);
	/* Put a file with mode 0644 in place atomically, replacing what was there. */
	int (*replace_file)(struct system *sys, const char *path, const char *data, size_t len);
	/* Append bytes to a file in one write(2); if there is no file, make it with mode 0644. */
	int (*append)(struct system *sys, const char *path, const char *data, size_t len);
	/*
	 * Lock PATH until this process ends; its children do not have the lock.
	 * -ETIMEDOUT if another process kept it for SECONDS.
	 */
	int (*lock)(struct system *sys, const char *path, unsigned seconds);
	void (*sleep_ms)(struct system *sys, unsigned milliseconds);
	/* finit_module(2); -EEXIST: it is loaded already. */
	int (*load_module)(struct system *sys, const char *path, const char *options, bool compressed);
	/* The image's own modprobe, with one more module option or NULL; -EIO: it ran and failed. */
	int (*modprobe)(struct system *sys, const char *name, const char *option);
	/* The trial of an IOMMU group. Opens no device. */
	void (*try_group)(struct system *sys, unsigned group, struct trial *ret);
};

/* What is there but could not be read, so that a report can tell that it may be wrong. */
struct system_failures {
	char first[SYSTEM_PATH_MAX];
	int error; /* the errno of the first */
	unsigned count;
};

struct system {
	const struct system_ops *ops;
	int root;			 /* descriptor of the root directory, or -1 */
	bool offline;			 /* a captured machine: load no module, open no VFIO group */
	struct system_failures failures; /* of this process */
};

/* ROOT is "/" for the running system; anything else is a captured machine. 0 or a negative errno. */
int system_open(struct system *sys, const char *root);
void system_close(struct system *sys);

/* The time of day in microseconds, for differences. */
unsigned long system_clock(void);

/* The operations with a formatted path; -ENAMETOOLONG when that gets too long. */
#define FORMATS(f, a) __attribute__((format(printf, f, a)))
/* Reads at most SIZE - 1 bytes, and ends them in a NUL. */
ssize_t system_read(struct system *sys, char *to, size_t size, const char *format, ...) FORMATS(4, 5);
int system_write(struct system *sys, const char *data, const char *format, ...) FORMATS(3, 4);
/* The last part of a link's target: a driver's or a group's name. */
int system_link_name(struct system *sys, char *to, size_t size, const char *format, ...) FORMATS(4, 5);
bool system_exists(struct system *sys, const char *format, ...) FORMATS(2, 3);
int system_for_each_entry(struct system *sys, int (*each)(const char *name, void *data), void *data, const char *format,
			  ...) FORMATS(4, 5);
#undef FORMATS

/*
 * For real.c: PATH without links and "..", as a process finds it whose root
 * directory is ROOT. FOLLOW_LAST: follow the last component, too, if it is a
 * link. 0 or a negative errno.
 */
int offline_resolve(int root, const char *path, bool follow_last, char to[SYSTEM_PATH_MAX]);

/* For real.c: the trial, with the descriptor of the root directory. */
void vfio_try_group(int root, unsigned group, struct trial *ret);

#endif
