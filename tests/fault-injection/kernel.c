/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include <linux/vfio.h>

static const struct trap_reply pass = { TRAP_PASS, 0 };

static struct trap_reply answer(long value)
{
	return (struct trap_reply){ TRAP_ANSWER, value };
}

/* The path of FD below the binder's root, or "". */
static void path_of(struct fake *fake, const struct trap_call *call, int fd, char *to, size_t size)
{
	size_t len = strlen(fake->root);
	char whole[512];

	trap_path(call, fd, whole, sizeof(whole));
	snprintf(to, size, "%s", !strncmp(whole, fake->root, len) && whole[len] == '/' ? whole + len + 1 : "");
}

static struct trap_reply answer_write(struct fake *fake, const struct trap_call *call)
{
	static const char *const reacting[] = { "bind", "unbind", "drivers_probe", "driver_override" };
	char path[512], data[512];
	const char *last;
	size_t len;
	int r;

	path_of(fake, call, (int)call->args[0], path, sizeof(path));
	last = strrchr(path, '/');
	for (size_t i = 0; last && i < sizeof(reacting) / sizeof(reacting[0]); i++) {
		if (strcmp(last + 1, reacting[i]))
			continue;
		len = trap_read(call, call->args[1], data,
				call->args[2] + 1 < sizeof(data) ? call->args[2] + 1 : sizeof(data));
		r = fake->sys.ops->write(&fake->sys, path, data, len);
		return answer(r < 0 ? r : (long)len);
	}
	return pass;
}

static struct trap_reply answer_load(struct fake *fake, const struct trap_call *call)
{
	char path[512], options[512];

	path_of(fake, call, (int)call->args[0], path, sizeof(path));
	if (!path[0])
		return answer(-EBADF);
	trap_read(call, call->args[1], options, sizeof(options));
	return answer(fake->sys.ops->load_module(&fake->sys, path, options, call->args[2] != 0));
}

/* The status request makes the fake kernel's whole trial; an error of a later step is returned at that step. */
static struct trap_reply answer_vfio(struct fake *fake, const struct trap_call *call, const char *path)
{
	struct vfio_group_status status = { sizeof(status), 0 };
	static struct trial trial;

	switch (call->args[1]) {
	case VFIO_GROUP_GET_STATUS:
		fake->sys.ops->try_group(&fake->sys, (unsigned)strtoul(strrchr(path, '/') + 1, NULL, 10), &trial);
		status.flags = trial.step == TRIAL_VIABLE ? 0 : VFIO_GROUP_FLAGS_VIABLE;
		trap_write(call, call->args[2], &status, sizeof(status));
		return answer(0);
	case VFIO_GROUP_SET_CONTAINER:
		return answer(trial.step == TRIAL_ATTACH ? -trial.error : 0);
	case VFIO_SET_IOMMU:
		return answer(trial.step == TRIAL_IOMMU ? -trial.error : 0);
	default:
		return answer(-ENOTTY);
	}
}

struct trap_reply kernel_answer(struct fake *fake, const struct trap_call *call)
{
	char path[512];

	switch (call->nr) {
	case SYS_write:
		return answer_write(fake, call);
	case SYS_finit_module:
		return answer_load(fake, call);
	case SYS_ioctl:
		path_of(fake, call, (int)call->args[0], path, sizeof(path));
		return strncmp(path, "dev/vfio/", 9) ? answer(-ENOTTY) : answer_vfio(fake, call, path);
	/* Calls that could reach the real kernel's modules and mounts; the binder makes none of them. */
	case SYS_init_module:
	case SYS_delete_module:
	case SYS_mount:
	case SYS_reboot:
		return answer(-EPERM);
	default:
		return pass;
	}
}

void kernel_describe(struct fake *fake, const struct trap_call *call, char *to, size_t size)
{
	char first[256] = "", second[256] = "";

	switch (call->nr) {
	case SYS_write:
		path_of(fake, call, (int)call->args[0], first, sizeof(first));
		trap_read(call, call->args[1], second,
			  call->args[2] < sizeof(second) ? call->args[2] + 1 : sizeof(second));
		break;
	case SYS_renameat:
		trap_read(call, call->args[3], second, sizeof(second));
		/* fall through */
	case SYS_openat:
	case SYS_readlinkat:
	case SYS_faccessat:
	case SYS_mkdirat:
	case SYS_unlinkat:
		trap_read(call, call->args[1], first, sizeof(first));
		break;
#ifdef SYS_open
	case SYS_open:
		trap_read(call, call->args[0], first, sizeof(first));
		break;
#endif
	case SYS_read:
	case SYS_close:
	case SYS_fstat:
	case SYS_getdents64:
	case SYS_ioctl:
	case SYS_finit_module:
		path_of(fake, call, (int)call->args[0], first, sizeof(first));
		break;
	default:
		break;
	}
	second[strcspn(second, "\n")] = '\0';
	snprintf(to, size, "%s(%s%s%.80s)", trap_name(call->nr), first, second[0] ? ", " : "", second);
}
