/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef EARLYBIND_BASE_PRINT_H
#define EARLYBIND_BASE_PRINT_H

/* Write TEXT to the descriptor FD. The binder does without stdio's files, which would make it 1.5 KiB larger. */
void print_text(int fd, const char *text);

#endif
