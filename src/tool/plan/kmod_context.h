/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one place where libkmod is opened: it prints nothing by itself. */
#ifndef EARLYBIND_TOOL_PLAN_KMOD_CONTEXT_H
#define EARLYBIND_TOOL_PLAN_KMOD_CONTEXT_H

#include <stdbool.h>

struct kmod_ctx;

/* What libkmod had to say of the settings. */
struct kmod_said {
	char *lines; /* of any bytes, or NULL for nothing */
	bool more;   /* there were more lines */
	int error;   /* a negative errno: what it said, if anything, could not be kept */
};

/*
 * A context for the kernel's directory DIR, or for no kernel if that is NULL,
 * with the settings in PATHS, directories of modprobe.d or files, up to a NULL. It
 * logs nothing until it is given a function and a priority. RET_SAID, unless
 * NULL, is set in every case; its lines are the caller's to free. The context,
 * or NULL without memory.
 */
struct kmod_ctx *kmod_context_new(const char *dir, const char *const *paths, struct kmod_said *ret_said);

/* For CLEANUP. */
void kmod_context_unref(struct kmod_ctx **ctx);

#endif
