/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trap.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

#define MUST(condition)                                                                                                \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			fprintf(stderr, "trap: %s: %s\n", #condition, strerror(errno));                                \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

/* --- starting --- */

/* In the child: from here on every call waits for the handler. */
static int install_filter(void)
{
	struct sock_filter all[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF) };
	struct sock_fprog program = { .len = 1, .filter = all };

	MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

static void start(int program, const char *root, volatile int *listener)
{
	char *const argv[] = { "earlybind-boot", NULL }, *const envp[] = { NULL };
	int fd;

	/* That the root cannot be opened it can say nowhere else, and says it often here. */
	MUST(dup2(open("/dev/null", O_WRONLY), STDERR_FILENO) == STDERR_FILENO);
	/* With a root of its own the program takes the tree for the running system. */
	if (geteuid() != 0)
		MUST(unshare(CLONE_NEWUSER) == 0);
	MUST(chroot(root) == 0 && chdir("/") == 0);
	fd = install_filter();
	*listener = fd < 0 ? -2 : fd;
	/* No call may stand between: it would wait for a handler that waits for the number above. */
	syscall(SYS_execveat, program, "", argv, envp, AT_EMPTY_PATH);
	for (;;)
		;
}

static void fetch_listener(struct trap *trap, volatile int *number)
{
	while (*number == -1)
		sched_yield();
	MUST(*number >= 0);
	trap->listener = (int)syscall(SYS_pidfd_getfd, trap->pidfds[0], *number, 0);
	MUST(trap->listener >= 0);
}

/* --- calls --- */

static unsigned role_of(struct trap *trap, pid_t pid)
{
	for (unsigned i = 0; i < trap->n_pids; i++)
		if (trap->pids[i] == pid)
			return i;
	MUST(trap->n_pids < TRAP_ROLES_MAX);
	trap->pids[trap->n_pids] = pid;
	/* It waits for an answer now, so this number is its own; later it may be another's. */
	trap->pidfds[trap->n_pids] = (int)syscall(SYS_pidfd_open, pid, 0);
	MUST(trap->pidfds[trap->n_pids] >= 0);
	return trap->n_pids++;
}

static void kill_one(const struct trap *trap, unsigned role)
{
	syscall(SYS_pidfd_send_signal, trap->pidfds[role], SIGKILL, NULL, 0);
}

/* Children first, or their parent may start another one. */
static void kill_all(const struct trap *trap)
{
	for (unsigned role = trap->n_pids; role > 0; role--)
		kill_one(trap, role - 1);
}

static void reply(struct trap *trap, const struct seccomp_notif *notif, const struct trap_reply *r)
{
	struct seccomp_notif_resp response = { .id = notif->id };

	switch (r->verdict) {
	case TRAP_PASS:
		response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
		break;
	case TRAP_ANSWER:
		response.error = r->value < 0 ? (int)r->value : 0;
		response.val = r->value < 0 ? 0 : r->value;
		break;
	case TRAP_HANG:
		return;
	case TRAP_KILL:
		kill_one(trap, role_of(trap, (pid_t)notif->pid));
		return;
	case TRAP_KILL_ALL:
		kill_all(trap);
		return;
	}
	/* ENOENT: it has been killed meanwhile. */
	MUST(ioctl(trap->listener, SECCOMP_IOCTL_NOTIF_SEND, &response) == 0 || errno == ENOENT);
}

static void handle_one(struct trap *trap)
{
	struct seccomp_notif notif;
	struct trap_call call;
	struct trap_reply r;

	memset(&notif, 0, sizeof(notif));
	if (ioctl(trap->listener, SECCOMP_IOCTL_NOTIF_RECV, &notif) < 0) {
		MUST(errno == ENOENT || errno == EINTR);
		return;
	}
	call = (struct trap_call){ .pid = (pid_t)notif.pid, .nr = notif.data.nr };
	memcpy(call.args, notif.data.args, sizeof(call.args));
	call.role = role_of(trap, call.pid);
	r = trap->handle(trap->data, &call);
	reply(trap, &notif, &r);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void trap_run(struct trap *trap, int program, const char *root, unsigned seconds)
{
	volatile int *number = mmap(NULL, sizeof(*number), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	double deadline = now() + seconds;
	struct pollfd pollfd = { .events = POLLIN };
	pid_t pid;

	MUST(number != MAP_FAILED);
	*number = -1;
	trap->n_pids = 0;
	trap->timed_out = 0;
	pid = fork();
	MUST(pid >= 0);
	if (pid == 0)
		start(program, root, number);
	role_of(trap, pid);
	fetch_listener(trap, number);
	pollfd.fd = trap->listener;
	/* The listener hangs up when the last process is gone. */
	for (;;) {
		MUST(poll(&pollfd, 1, 100) >= 0 || errno == EINTR);
		if (pollfd.revents & POLLIN)
			handle_one(trap);
		else if (pollfd.revents & POLLHUP)
			break;
		if (now() < deadline)
			continue;
		trap->timed_out = 1;
		kill_all(trap);
		break;
	}
	close(trap->listener);
	MUST(waitpid(pid, &trap->status, 0) == pid);
	while (trap->n_pids)
		close(trap->pidfds[--trap->n_pids]);
	munmap((void *)number, sizeof(*number));
}

/* --- looking at the caller --- */

size_t trap_read(const struct trap_call *call, uint64_t address, char *to, size_t size)
{
	struct iovec here = { to, size - 1 }, there = { (void *)(uintptr_t)address, size - 1 };
	size_t to_end_of_page = 4096 - address % 4096;
	ssize_t n = process_vm_readv(call->pid, &here, 1, &there, 1, 0);

	/* All or nothing: what reaches into a page that is not there is read up to it. */
	if (n < 0 && to_end_of_page < size - 1) {
		here.iov_len = there.iov_len = to_end_of_page;
		n = process_vm_readv(call->pid, &here, 1, &there, 1, 0);
	}
	to[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

void trap_write(const struct trap_call *call, uint64_t address, const void *from, size_t size)
{
	struct iovec here = { (void *)(uintptr_t)from, size }, there = { (void *)(uintptr_t)address, size };

	MUST(process_vm_writev(call->pid, &here, 1, &there, 1, 0) == (ssize_t)size);
}

void trap_path(const struct trap_call *call, int fd, char *to, size_t size)
{
	char link[64];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%d/fd/%d", (int)call->pid, fd);
	n = readlink(link, to, size - 1);
	to[n > 0 ? n : 0] = '\0';
}

const char *trap_name(long nr)
{
	static char number[32];

	/* clang-format off */
	switch (nr) {
#define ROW(name) \
	case SYS_##name: \
		return #name;
	ROW(read) ROW(write) ROW(close) ROW(fstat) ROW(lseek) ROW(mmap) ROW(munmap) ROW(brk) ROW(ioctl) ROW(mprotect)
	ROW(getpid) ROW(exit) ROW(exit_group) ROW(wait4) ROW(kill) ROW(fcntl) ROW(openat) ROW(mkdirat) ROW(unlinkat)
	ROW(renameat) ROW(readlinkat) ROW(faccessat) ROW(execve) ROW(execveat) ROW(finit_module) ROW(rt_sigaction)
	ROW(rt_sigprocmask) ROW(rt_sigreturn) ROW(getppid) ROW(getdents64) ROW(gettimeofday) ROW(clone) ROW(newfstatat)
	ROW(ppoll) ROW(pipe2) ROW(mremap) ROW(prctl) ROW(writev) ROW(set_tid_address) ROW(prlimit64) ROW(getrandom)
#ifdef SYS_open
	ROW(open) ROW(stat) ROW(poll) ROW(pipe) ROW(fork) ROW(vfork) ROW(access) ROW(arch_prctl)
#endif
#undef ROW
	default:
		snprintf(number, sizeof(number), "call %ld", nr);
		return number;
	}
	/* clang-format on */
}
