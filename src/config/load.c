/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding and reading the configuration's files. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "config/config.h"

#define MAIN_FILE "earlybind.conf"
#define DROPINS "earlybind.d"
#define DROPINS_MAX 256

struct names {
	char **items;
	size_t n, room;
	int error; /* our own want of memory */
};

static char *copy_string(const char *s)
{
	size_t size = strlen(s) + 1;
	char *copy = malloc(size);

	return copy ? memcpy(copy, s, size) : NULL;
}

static bool is_dropin(const char *name)
{
	size_t len = strlen(name);

	return name[0] != '.' && len > 5 && !strcmp(name + len - 5, ".conf");
}

static int gather_name(const char *name, void *data)
{
	struct names *names = data;
	int r;

	if (!is_dropin(name))
		return 0;
	if (names->n == DROPINS_MAX)
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

/* Takes over NAME, also on failure. The source's place in memory is not stable, its name is. */
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

/* Say so when a file was too large to be read whole; drop the line that was cut in two. */
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
		     "the file is larger than 1 MiB; nothing from this line on was used");
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
	if (r == -ENOENT && may_lack) {
		free(source->name);
		config->n_sources--;
		return 0;
	}
	if (r == -EISDIR)
		file_problem(config, source->name, 0, EISDIR, "a directory stands where the file should be");
	else if (r < 0)
		file_problem(config, source->name, 0, -r, "cannot be read");
	if (r < 0)
		return 0;
	cut_to_limit(config, source);
	bytes = (struct slice){ source->bytes, source->len };
	return config_parse(config, source->name, bytes);
}

static int load_dropins(struct config *config, struct system *sys, const char *dir, const struct names *names)
{
	char name[SYSTEM_PATH_MAX];

	for (size_t i = 0; i < names->n; i++) {
		int r;

		snprintf(name, sizeof(name), DROPINS "/%s", names->items[i]);
		r = load_file(config, sys, dir, name, false);
		if (r < 0)
			return r;
	}
	return 0;
}

int config_load(struct config *config, struct system *sys, const char *dir)
{
	struct names names = { NULL, 0, 0, 0 };
	int r;

	r = load_file(config, sys, dir, MAIN_FILE, true);
	if (r < 0)
		return r;
	r = system_for_each_entry(sys, gather_name, &names, "%s/" DROPINS, dir);
	if (r == -E2BIG)
		file_problem(config, DROPINS, 0, 0, "more than 256 drop-ins; some of them were not used");
	else if (r < 0 && r != -ENOENT)
		file_problem(config, DROPINS, 0, -r, "cannot be read");
	if (names.n > 1)
		qsort(names.items, names.n, sizeof(names.items[0]), compare_names);
	r = names.error ? names.error : load_dropins(config, sys, dir, &names);
	for (size_t i = 0; i < names.n; i++)
		free(names.items[i]);
	free(names.items);
	return r;
}
