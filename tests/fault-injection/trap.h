/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A static program in a root of its own, every system call of which, and of
 * its children, is shown to a handler before the kernel sees it: the handler
 * lets it pass, answers it instead, never answers it, or kills who made it.
 * By seccomp's user notification (Linux 5.9), so that it is the same on every
 * architecture and the program is the one that lies in the initramfs.
 */
#ifndef EARLYBIND_TESTS_TRAP_H
#define EARLYBIND_TESTS_TRAP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define TRAP_ROLES_MAX 32

struct trap_call {
	pid_t pid;
	unsigned role; /* 0: the program itself, 1: its first child, and so on */
	long nr;
	uint64_t args[6];
};

enum trap_verdict {
	TRAP_PASS,     /* the kernel carries it out */
	TRAP_ANSWER,   /* it returns `value`, which may be a negative errno */
	TRAP_HANG,     /* it never returns */
	TRAP_KILL,     /* it is not carried out, and its process is killed */
	TRAP_KILL_ALL, /* likewise, and with it every process of the program */
};

struct trap_reply {
	enum trap_verdict verdict;
	long value;
};

struct trap {
	struct trap_reply (*handle)(void *data, const struct trap_call *call);
	void *data;
	int status;    /* of the program, as waitpid(2) has it */
	int timed_out; /* it, or a child of it, had to be killed */
	/* private */
	int listener;
	pid_t pids[TRAP_ROLES_MAX];
	int pidfds[TRAP_ROLES_MAX];
	unsigned n_pids;
};

/* Run PROGRAM (a descriptor) in ROOT until all its processes are gone. Aborts when that cannot be done. */
void trap_run(struct trap *trap, int program, const char *root, unsigned seconds);

/* Bytes at ADDRESS of the caller, SIZE - 1 at most; how many there are. They end in a NUL. */
size_t trap_read(const struct trap_call *call, uint64_t address, char *to, size_t size);
void trap_write(const struct trap_call *call, uint64_t address, const void *from, size_t size);
/* What the caller has opened as FD; "" when it has not. */
void trap_path(const struct trap_call *call, int fd, char *to, size_t size);
/* "openat", or the number of a call that the binder has no reason to make. */
const char *trap_name(long nr);

#endif
