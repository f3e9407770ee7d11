/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel's modules and the settings of modprobe.d, as libkmod sees them below
 * a sysroot. The one place where libkmod is opened. libkmod prints itself, on
 * standard error, which lines of modprobe.d it ignores and what it cannot find,
 * as it does for modprobe.
 */
#ifndef EARLYBIND_TOOL_PLAN_KERNEL_H
#define EARLYBIND_TOOL_PLAN_KERNEL_H

#include <stdbool.h>

struct kmod_ctx;

struct kernel {
	char *dir; /* of its modules */
	struct kmod_ctx *ctx;
	struct kmod_ctx *bare; /* knows the running system's command line, and no file */
	const char *bad_index; /* the first of depmod's indexes that is missing, unreadable or empty; or NULL */
	bool logged;	       /* libkmod has logged an error; the caller's to reset */
};

/* 0; -ENOENT when RELEASE has no directory below SYSROOT; -ENOMEM. The caller calls kernel_close() in every case. */
int kernel_open(struct kernel *kernel, const char *sysroot, const char *release);
void kernel_close(struct kernel *kernel);

/* modprobe.d has a blacklist line for the module; the running system's command line is not looked at. */
bool kernel_blacklists(const struct kernel *kernel, const char *name);

/*
 * A context without a kernel, with the settings in PATHS: directories of
 * modprobe.d or files, up to a NULL. NULL when there is no memory.
 */
struct kmod_ctx *kmod_context_of_files(const char *const *paths);

/* For CLEANUP. */
void kmod_context_unref(struct kmod_ctx **ctx);

#endif
