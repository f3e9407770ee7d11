/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/inspect/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/errno_name.h"
#include "tool/inspect/config_diff.h"
#include "tool/inspect/initramfs.h"
#include "tool/output/remedy.h"

#define CONFIG_DIR "etc/"
#define PLAN_FILE "etc/earlybind.plan"
#define UNKNOWN ": contents unknown: "

/* Where installations put the binder, on the host and in the image alike. */
static const char *const binders[] = {
	"usr/libexec/earlybind/earlybind-boot",
	"usr/local/libexec/earlybind/earlybind-boot",
	"usr/lib/earlybind/earlybind-boot",
};

struct image_check {
	struct findings *findings;
	struct system *sys; /* the host */
	const struct config *config;
	const struct plan *plan;
	const char *release;
	bool any; /* an image was found */
	enum images images;
};

static void report(struct image_check *check, enum level level, const char *path, const char *what)
{
	struct linebuf line;

	linebuf_start(&line);
	linebuf_add(&line, "/");
	linebuf_add_escaped(&line, slice_of(path), 300);
	linebuf_add(&line, "%s", what);
	if (level == LEVEL_PROBLEM) {
		linebuf_add(&line, ": regenerate it (");
		remedy_regenerate(check->sys, &line);
		linebuf_add(&line, ")");
	}
	findings_say(check->findings, FINDING_IMAGE, level, V_NONE, "%s", line.at);
}

/* --- what it holds --- */

static bool is_config(const char *path)
{
	size_t len = strlen(path);

	if (!strcmp(path, CONFIG_DIR "earlybind.conf"))
		return true;
	return !strncmp(path, CONFIG_DIR "earlybind.d/", strlen(CONFIG_DIR "earlybind.d/")) && len > 5 &&
	       !strcmp(path + len - 5, ".conf") && strrchr(path, '/')[1] != '.' &&
	       strrchr(path, '/') == path + strlen(CONFIG_DIR "earlybind.d");
}

/* It shows which generator made the image; its contents do not matter. */
static bool is_mark(const char *path)
{
	for (size_t i = 0; i < n_remedy_steps; i++)
		if (remedy_steps[i].mark && !strcmp(path, remedy_steps[i].mark))
			return true;
	return false;
}

static bool is_wanted(const char *path)
{
	for (size_t i = 0; i < COUNT_OF(binders); i++)
		if (!strcmp(path, binders[i]))
			return true;
	return is_config(path) || !strcmp(path, PLAN_FILE) || is_mark(path);
}

/* The bytes of the image's files are borrowed. 0 or -ENOMEM. */
static int same_config(const struct initramfs *image, const struct config *config, bool *ret)
{
	struct config held = { 0 };
	int r = 0;

	for (size_t i = 0; i < image->n && r == 0; i++) {
		const struct initramfs_file *file = &image->files[i];

		if (!is_config(file->path))
			continue;
		r = ARRAY_GROW(held.sources, held.n_sources, held.sources_room);
		if (r == 0)
			held.sources[held.n_sources++] = (struct source){ .name = file->path + strlen(CONFIG_DIR),
									  .bytes = file->bytes,
									  .len = file->len };
	}
	*ret = !config_changed_file(&held, config);
	free(held.sources);
	return r;
}

/* Whether the plan in the image loads the modules of PLAN. 0 or -ENOMEM. */
static int same_modules(const struct initramfs *image, const struct plan *plan, bool *ret)
{
	const struct initramfs_file *file = initramfs_find(image, PLAN_FILE);
	struct plan held = { 0 };
	int r = -EPROTONOSUPPORT;

	if (file && file->bytes)
		r = plan_parse(&held, (struct slice){ file->bytes, file->len });
	*ret = r == 0 && held.n_modules == plan->n_modules && !strcmp(held.kernel, plan->kernel);
	for (size_t i = 0; *ret && i < plan->n_modules; i++) {
		const struct plan_module *a = &held.modules[i], *b = &plan->modules[i];

		*ret = a->kind == b->kind && !strcmp(a->name, b->name) && !strcmp(a->path, b->path) &&
		       !strcmp(a->options, b->options);
	}
	plan_done(&held);
	return r == -ENOMEM ? r : 0;
}

/* True also where the host has no binder at that place. */
static bool same_binder(struct system *sys, const struct initramfs_file *held)
{
	char *bytes = NULL;
	size_t len = 0;
	int r = sys->ops->read_all(sys, held->path, INITRAMFS_FILE_MAX, &bytes, &len);
	bool same = r == -ENOENT || (r == 0 && held->len == len && (!len || !memcmp(held->bytes, bytes, len)));

	free(bytes);
	return same;
}

/*
 * The generator that made IMAGE, if the system's generator is a different one: the
 * image then lacks what the hooks of the system's generator add. NULL if not.
 */
static const struct remedy_step *other_generator(struct system *sys, const struct initramfs *image)
{
	const struct remedy_step *ours = remedy_find(sys, REMEDY_REGENERATE), *other = NULL;

	if (!ours || !ours->mark || initramfs_find(image, ours->mark))
		return NULL;
	for (size_t i = 0; i < n_remedy_steps && !other; i++)
		if (remedy_steps[i].mark && initramfs_find(image, remedy_steps[i].mark))
			other = &remedy_steps[i];
	return other;
}

static void report_generator(struct image_check *check, const char *path, const struct remedy_step *other)
{
	struct linebuf line;

	linebuf_start(&line);
	linebuf_add(&line,
		    " was made by %s, but %s makes the images of this system and its hooks are missing in this one",
		    other->generator, remedy_find(check->sys, REMEDY_REGENERATE)->generator);
	report(check, LEVEL_PROBLEM, path, line.at);
}

static int compare(struct image_check *check, const struct initramfs *image, const char *path)
{
	const struct remedy_step *other = other_generator(check->sys, image);
	const struct initramfs_file *binder = NULL;
	bool config, modules;
	struct linebuf line;
	int r;

	for (size_t i = 0; i < image->n; i++) {
		if (image->files[i].kept || is_mark(image->files[i].path))
			continue;
		linebuf_start(&line);
		linebuf_add(&line, UNKNOWN "it contains ");
		linebuf_add_escaped(&line, slice_of(image->files[i].path), 300);
		linebuf_add(&line, " as a link, or too large");
		report(check, LEVEL_NOTE, path, line.at);
		return 0;
	}

	for (size_t i = 0; i < COUNT_OF(binders) && !binder; i++)
		binder = initramfs_find(image, binders[i]);
	r = same_config(image, check->config, &config);
	r = r < 0 ? r : same_modules(image, check->plan, &modules);
	if (r < 0)
		return r;
	if (check->images != IMAGES_WITHOUT)
		check->images = binder ? IMAGES_WITH : IMAGES_WITHOUT;
	if (!binder)
		report(check, LEVEL_PROBLEM, path, " does not contain earlybind");
	else if (other)
		report_generator(check, path, other);
	else if (!config)
		report(check, LEVEL_PROBLEM, path, " contains a configuration that differs from /etc");
	else if (check->plan->n_modules && !modules)
		report(check, LEVEL_PROBLEM, path, " contains a plan that differs from what this kernel needs now");
	else if (!same_binder(check->sys, binder))
		report(check, LEVEL_PROBLEM, path, " contains a different version of earlybind-boot");
	else
		report(check, LEVEL_GOOD, path, " contains this configuration");
	return 0;
}

/* Links on the way lead to where the captured system has them, never out of it. A descriptor or a negative errno. */
static int open_image(struct system *sys, const char *path, struct linebuf *why)
{
	char inside[SYSTEM_PATH_MAX];
	struct stat st;
	int r = offline_resolve(sys->root, path, true, inside), fd;

	fd = r < 0 ? r : openat(sys->root, inside, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (r == 0 && fd < 0)
		fd = -errno;
	if (fd == -EACCES)
		linebuf_add(why, "permission denied (run as root)");
	else if (fd < 0)
		linebuf_add(why, "%s", strerror(-fd));
	if (fd < 0 || (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)))
		return fd;
	close(fd);
	linebuf_add(why, "not a regular file");
	return -EINVAL;
}

static void check_image(struct image_check *check, const char *path)
{
	struct initramfs image = { 0 };
	struct linebuf why;
	int fd, r;

	check->any = true;
	linebuf_start(&why);
	linebuf_add(&why, UNKNOWN);
	fd = open_image(check->sys, path, &why);
	r = fd < 0 ? fd : initramfs_read(&image, fd, is_wanted, &why);
	if (fd >= 0)
		close(fd);
	if (r == 0)
		r = compare(check, &image, path);
	else if (r != -ENOMEM)
		report(check, LEVEL_NOTE, path, why.at);
	check->findings->lacks_memory |= r == -ENOMEM;
	initramfs_done(&image);
}

/* --- which images --- */

static const struct {
	const char *before, *after;
} names[] = { { "initrd.img-", "" }, { "initramfs-", ".img" }, { "initrd-", "" } };

static int check_listed(const char *name, void *data)
{
	char path[SYSTEM_PATH_MAX];
	size_t len = strlen(name);

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		size_t tail = strlen(names[i].after);

		if (strncmp(name, names[i].before, strlen(names[i].before)) || len < tail ||
		    strcmp(name + len - tail, names[i].after))
			continue;
		snprintf(path, sizeof(path), "boot/%.255s", name);
		check_image(data, path);
		break;
	}
	return 0;
}

static int ignore_entry(const char *name, void *data)
{
	(void)name;
	(void)data;
	return 0;
}

enum images image_check(struct findings *findings, struct system *sys, const struct config *config,
			const struct plan *plan, const char *release, bool all)
{
	struct image_check check = { findings, sys, config, plan, release, false, IMAGES_UNKNOWN };
	int r;

	/* What was captured has no images with it. */
	if (!system_exists(sys, "boot"))
		return IMAGES_UNKNOWN;
	if (all)
		system_for_each_entry(sys, check_listed, &check, "boot");
	for (size_t i = 0; i < COUNT_OF(names) && !all && !check.any; i++) {
		char path[SYSTEM_PATH_MAX];

		snprintf(path, sizeof(path), "boot/%s%s%s", names[i].before, release, names[i].after);
		if (system_exists(sys, "%s", path))
			check_image(&check, path);
	}
	if (check.any)
		return check.images;
	/* A directory that cannot be listed may contain an image. */
	r = system_for_each_entry(sys, ignore_entry, NULL, "boot");
	if (r < 0)
		findings_say(findings, FINDING_IMAGE, LEVEL_NOTE, V_NONE,
			     "/boot cannot be read (%s%s): contents of the images unknown", errno_name(r),
			     r == -EACCES ? "; run as root" : "");
	else if (all)
		findings_say(findings, FINDING_IMAGE, LEVEL_NOTE, V_NONE, "/boot contains no image");
	else
		findings_say(findings, FINDING_IMAGE, LEVEL_NOTE, V_NONE, "/boot contains no image for this kernel");
	return IMAGES_UNKNOWN;
}
