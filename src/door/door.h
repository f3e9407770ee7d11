/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one door to the system. Everything that earlybind reads from or does to
 * a machine goes through these operations; paths are relative to the root that
 * the door was opened on ("sys/bus/pci/devices/..."). Behind it stands the
 * running system, a captured machine (--sysroot), or the tests' fake kernel.
 *
 * All operations return a negative errno on failure, write their results only
 * on success, and log nothing.
 */
#ifndef EARLYBIND_DOOR_DOOR_H
#define EARLYBIND_DOOR_DOOR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/text.h"

#define DOOR_PATH_MAX 512

/* How far the dry run of an IOMMU group came: see door/vfio.c. */
enum proof_step {
	PROOF_NOT_TRIED,
	PROOF_GROUP,	/* open /dev/vfio/GROUP */
	PROOF_STATUS,	/* ask for the group's status */
	PROOF_VIABLE,	/* the status says viable */
	PROOF_CONTAINER, /* open /dev/vfio/vfio */
	PROOF_ATTACH,	/* put the group into the container */
	PROOF_IOMMU,	/* have the container attach the IOMMU */
	PROOF_DONE,	/* all of it worked */
};

struct proof {
	enum proof_step step; /* the step that failed, or PROOF_DONE */
	int error;	      /* its errno; 0 where the answer itself was no */
};

struct door;

struct door_ops {
	/* One read(2) of at most SIZE bytes; the number of bytes. */
	ssize_t (*read)(struct door *door, const char *path, char *to, size_t size);
	/* The whole of a file, at most LIMIT bytes; RET is the caller's to free. */
	int (*slurp)(struct door *door, const char *path, size_t limit, char **ret, size_t *ret_len);
	/* One write(2) to an existing file; a short one is -EIO. */
	int (*write)(struct door *door, const char *path, const char *data, size_t len);
	/* One record for the kernel log, "<30>...\n". */
	int (*log)(struct door *door, const char *record, size_t len);
	/* A symbolic link's target, NUL-terminated; -ENAMETOOLONG when it does not fit. */
	int (*link)(struct door *door, const char *path, char *to, size_t size);
	/* Call EACH for every entry but . and ..; a non-zero result of EACH ends the walk and is returned. */
	int (*list)(struct door *door, const char *path, int (*each)(const char *name, void *data), void *data);
	bool (*exists)(struct door *door, const char *path);
	/* A folder with mode 0755; one that is already there is fine. */
	int (*make_folder)(struct door *door, const char *path);
	/* Put a file with mode 0644 in place at once, replacing what was there. */
	int (*put)(struct door *door, const char *path, const char *data, size_t len);
	/* Put bytes behind those of a file in one write(2); where there is no file, make it with mode 0644. */
	int (*append)(struct door *door, const char *path, const char *data, size_t len);
	/*
	 * Be the only process that has PATH locked, from now to its end; its children do not have the lock.
	 * -ETIMEDOUT when another one kept it for SECONDS.
	 */
	int (*lock)(struct door *door, const char *path, unsigned seconds);
	/* Let that much time pass. */
	void (*pause)(struct door *door, unsigned milliseconds);
	/* finit_module(2); -EEXIST: it is loaded already. */
	int (*load_module)(struct door *door, const char *path, const char *options, bool compressed);
	/* The image's own modprobe; -EIO: it ran and failed. */
	int (*modprobe)(struct door *door, const char *name);
	/* The dry run of an IOMMU group. Opens no device. */
	void (*prove)(struct door *door, unsigned group, struct proof *ret);
};

/* What was there and could not be looked at, so that a wrong picture does not pass for the machine's. */
struct door_failures {
	char first[DOOR_PATH_MAX];
	int error; /* the errno of the first */
	unsigned count;
};

struct door {
	const struct door_ops *ops;
	int root;     /* descriptor of the root folder, or -1 */
	bool captive; /* a captured machine: load no module, open no VFIO group */
	struct door_failures failures; /* to look at something, in this process */
};

/* ROOT is "/" for the running system; anything else is a captured machine. 0 or a negative errno. */
int door_open(struct door *door, const char *root);
void door_close(struct door *door);

/* The operations with a formatted path; -ENAMETOOLONG when that gets too long. */
#define FORMATS(f, a) __attribute__((format(printf, f, a)))
/* TO gets a NUL behind what was read: at most SIZE - 1 bytes. */
ssize_t door_read(struct door *door, char *to, size_t size, const char *format, ...) FORMATS(4, 5);
int door_write(struct door *door, const char *data, const char *format, ...) FORMATS(3, 4);
/* The last part of a link's target: a driver's or a group's name. */
int door_link_name(struct door *door, char *to, size_t size, const char *format, ...) FORMATS(4, 5);
bool door_exists(struct door *door, const char *format, ...) FORMATS(2, 3);
int door_list(struct door *door, int (*each)(const char *name, void *data), void *data, const char *format, ...)
	FORMATS(4, 5);
#undef FORMATS

/*
 * For the real door: PATH without links and "..", as a process would find it
 * that has ROOT for its root folder. FOLLOW_LAST: also when the last component
 * is a link. 0 or a negative errno.
 */
int captive_resolve(int root, const char *path, bool follow_last, char to[DOOR_PATH_MAX]);

/* For the real door: the dry run, on the descriptor of the root folder. */
void vfio_prove(int root, unsigned group, struct proof *ret);

#endif
