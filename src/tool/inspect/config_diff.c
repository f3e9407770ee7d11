/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/inspect/config_diff.h"

#include <stdio.h>
#include <string.h>

#include "base/paths.h"
#include "record/record.h"

static const struct source *find_source(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->n_sources; i++)
		if (!strcmp(config->sources[i].name, name))
			return &config->sources[i];
	return NULL;
}

static bool same_bytes(const struct source *a, const struct source *b)
{
	return a && b && a->len == b->len && (!a->len || !memcmp(a->bytes, b->bytes, a->len));
}

/* The first of A's files that B lacks or that differs there. */
static const char *first_other(const struct config *a, const struct config *b)
{
	for (size_t i = 0; i < a->n_sources; i++)
		if (!same_bytes(&a->sources[i], find_source(b, a->sources[i].name)))
			return a->sources[i].name;
	return NULL;
}

const char *config_changed_file(const struct config *a, const struct config *b)
{
	const char *name = first_other(a, b);

	return name ? name : first_other(b, a);
}

static void print_change(const char *name, const char *what, bool *dropins, bool *file)
{
	struct linebuf line;

	linebuf_start(&line);
	linebuf_add(&line, "  /etc/");
	linebuf_add_escaped(&line, slice_of(name), 256);
	printf("%s%s\n", line.at, what);
	*(strncmp(name, CONFIG_DROPINS "/", strlen(CONFIG_DROPINS "/")) ? file : dropins) = true;
}

void config_diff_print(const struct config *then, const struct config *now, const char *sysroot)
{
	bool dropins = false, file = false;
	struct linebuf root;

	puts("Changed since this boot:");
	for (size_t i = 0; i < then->n_sources; i++) {
		const struct source *other = find_source(now, then->sources[i].name);

		if (!same_bytes(&then->sources[i], other))
			print_change(then->sources[i].name, other ? "" : " (removed)", &dropins, &file);
	}
	for (size_t i = 0; i < now->n_sources; i++)
		if (!find_source(then, now->sources[i].name))
			print_change(now->sources[i].name, " (new)", &dropins, &file);
	linebuf_start(&root);
	if (strcmp(sysroot, "/"))
		linebuf_add_escaped(&root, slice_of(sysroot), 256);
	puts("To see the differences:");
	if (file)
		printf("  diff -uN %s/" RUN_CONFIG "/" CONFIG_FILE " %s/etc/" CONFIG_FILE "\n", root.at, root.at);
	if (dropins)
		printf("  diff -ruN %s/" RUN_CONFIG "/" CONFIG_DROPINS " %s/etc/" CONFIG_DROPINS "\n", root.at,
		       root.at);
}
