/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one place where libkmod is opened: it prints nothing by itself. */
#ifndef EARLYBIND_TOOL_KMOD_CONTEXT_H
#define EARLYBIND_TOOL_KMOD_CONTEXT_H

struct kmod_ctx;

/*
 * A context for the kernel's folder FOLDER, or for no kernel if that is NULL,
 * with the settings in PATHS, folders of modprobe.d or files, up to a NULL. It
 * logs nothing until it is given a function and a priority. RET_SAID, unless
 * NULL, is set to what libkmod had to say of the settings, a line each, or to
 * NULL for nothing; it may hold any bytes, and is the caller's to free. The
 * context, or NULL without memory.
 */
struct kmod_ctx *kmod_context_new(const char *folder, const char *const *paths, char **ret_said);

/* For CLEANUP. */
void kmod_context_unref(struct kmod_ctx **ctx);

#endif
