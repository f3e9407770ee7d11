/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding and reading the configuration's files. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/paths.h"
#include "config/config.h"

struct names {
	char **items;
	size_t n, room;
	int error; /* -ENOMEM, or 0 */
};

static char *copy_string(const char *s)
{
	size_t size = strlen(s) + 1;
	char *copy = malloc(size);

	return copy ? memcpy(copy, s, size) : NULL;
}

static int collect_dropin(const char *name, void *data)
{
	struct names *names = data;
	size_t len = strlen(name);
	int r;

	if (name[0] == '.' || len <= 5 || strcmp(name + len - 5, ".conf") != 0)
		return 0;
	if (names->n == CONFIG_DROPINS_MAX)
		return -E2BIG;
	r = ARRAY_GROW(names->items, names->n, names->room);
	if (r == 0 && !(names->items[names->n] = copy_string(name)))
		r = -ENOMEM;
	if (r == 0)
		names->n++;
	names->error = r;
	return r;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void file_problem(struct config *config, const char *name, unsigned line, int error, const char *what)
{
	config_add_problem(config, &(struct problem){
					   .origin = { .file = name, .line = line, .column = 1 },
					   .what = what,
					   .error = error,
				   });
}

/* Takes over NAME, also on failure. The source may move in memory; its name does not. */
static int add_source(struct config *config, char *name, struct source **ret)
{
	int r = name ? ARRAY_GROW(config->sources, config->n_sources, config->sources_room) : -ENOMEM;

	if (r < 0) {
		free(name);
		return r;
	}
	*ret = &config->sources[config->n_sources++];
	**ret = (struct source){ .name = name };
	return 0;
}

/* Report a file that was too large to be read whole; drop the line that was cut in two. */
static void cut_to_limit(struct config *config, struct source *source)
{
	unsigned line = 1;

	if (source->len <= CONFIG_FILE_MAX)
		return;
	source->len = CONFIG_FILE_MAX;
	while (source->len && source->bytes[source->len - 1] != '\n')
		source->len--;
	for (size_t i = 0; i < source->len; i++)
		line += source->bytes[i] == '\n';
	file_problem(config, source->name, line, 0,
		     "the file is larger than 1 MiB; the rest, from this line on, is ignored");
}

/* What R, the result of reading a file that exists, tells a person. */
static const char *read_error(int r)
{
	switch (r) {
	case -EISDIR:
		return "is a directory, not a file";
	case -ENXIO:
		return "is not a regular file";
	case -ENOENT:
		return "is a link to a file that does not exist";
	default:
		return "cannot be read";
	}
}

static bool is_link(struct system *sys, const char *path)
{
	char to[SYSTEM_PATH_MAX];
	int r = (int)sys->ops->readlink(sys, path, to, sizeof(to));

	return r == 0 || r == -ENAMETOOLONG;
}

static int load_file(struct config *config, struct system *sys, const char *dir, const char *name, bool may_lack)
{
	char path[SYSTEM_PATH_MAX];
	struct source *source;
	struct slice bytes;
	int r;

	r = add_source(config, copy_string(name), &source);
	if (r < 0)
		return r;
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >= sizeof(path)) {
		file_problem(config, source->name, 0, ENAMETOOLONG, "cannot be read");
		return 0;
	}
	r = sys->ops->read_all(sys, path, CONFIG_FILE_MAX + 1, &source->bytes, &source->len);
	if (r == -ENOENT && may_lack && !is_link(sys, path)) {
		free(source->name);
		config->n_sources--;
		return 0;
	}
	if (r < 0) {
		file_problem(config, source->name, 0, -r, read_error(r));
		return 0;
	}
	cut_to_limit(config, source);
	bytes = (struct slice){ source->bytes, source->len };
	return config_parse(config, source->name, bytes);
}

int config_load(struct config *config, struct system *sys, const char *dir)
{
	struct names names = { NULL, 0, 0, 0 };
	char name[SYSTEM_PATH_MAX];
	int r;

	r = load_file(config, sys, dir, CONFIG_FILE, true);
	if (r < 0)
		return r;
	r = system_for_each_entry(sys, collect_dropin, &names, "%s/" CONFIG_DROPINS, dir);
	if (r == -E2BIG)
		file_problem(config, CONFIG_DROPINS, 0, 0,
			     "more than " AS_TEXT(CONFIG_DROPINS_MAX) " drop-ins; some of them are ignored");
	else if (r < 0 && r != -ENOENT)
		file_problem(config, CONFIG_DROPINS, 0, -r, "cannot be read");
	if (names.n > 1)
		qsort(names.items, names.n, sizeof(names.items[0]), compare_names);
	r = names.error;
	for (size_t i = 0; i < names.n && r == 0; i++) {
		snprintf(name, sizeof(name), CONFIG_DROPINS "/%s", names.items[i]);
		r = load_file(config, sys, dir, name, false);
	}
	for (size_t i = 0; i < names.n; i++)
		free(names.items[i]);
	free(names.items);
	return r;
}
