/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For work that a library may not survive. */
#ifndef EARLYBIND_TOOL_PLAN_RUN_IN_CHILD_H
#define EARLYBIND_TOOL_PLAN_RUN_IN_CHILD_H

/*
 * Have ACT run in a child process first, where it prints nothing and changes
 * nothing here. RET_SIGNAL: what killed the child, or 0. 0 or a negative errno.
 */
int run_in_child(void (*act)(void *data), void *data, int *ret_signal);

#endif
