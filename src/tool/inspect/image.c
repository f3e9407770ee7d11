/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tool/inspect/image.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/errno_name.h"
#include "base/array.h"
#include "tool/inspect/config_diff.h"
#include "tool/output/remedy.h"
#include "tool/inspect/unpack.h"

#define BINDER_MAX (4 * 1024 * 1024)

/* Where installations put the binder, on the host and in the image alike. */
static const char *const binders[] = {
	"usr/libexec/earlybind/earlybind-boot",
	"usr/local/libexec/earlybind/earlybind-boot",
	"usr/lib/earlybind/earlybind-boot",
};

struct image {
	struct findings *findings;
	struct system *sys; /* the host */
	const char *sysroot;
	const struct config *config;
	const struct plan *plan;
	const char *release;
	bool any; /* one was found */
};

static void tell(struct image *image, enum level level, const char *path, const char *what, bool regenerate)
{
	struct linebuf line;

	linebuf_start(&line);
	linebuf_add(&line, "/");
	linebuf_add_escaped(&line, slice_of(path), 300);
	linebuf_add(&line, " %s", what);
	if (regenerate) {
		linebuf_add(&line, ": regenerate it (");
		if (!remedy_here(image->sys, REMEDY_REGENERATE, "", &line))
			linebuf_add(&line, "update-initramfs -u, or dracut --force");
		linebuf_add(&line, ")");
	}
	findings_say(image->findings, FINDING_IMAGE, level, V_COUNT, "%s", line.at);
}

/* --- what it holds --- */

static bool same_file(struct system *a, const char *path_a, struct system *b, const char *path_b)
{
	char *bytes_a = NULL, *bytes_b = NULL;
	size_t len_a, len_b;
	bool same;

	same = a->ops->read_all(a, path_a, BINDER_MAX, &bytes_a, &len_a) == 0 &&
	       b->ops->read_all(b, path_b, BINDER_MAX, &bytes_b, &len_b) == 0 && len_a == len_b &&
	       !memcmp(bytes_a, bytes_b, len_a);
	free(bytes_a);
	free(bytes_b);
	return same;
}

static bool same_module(const struct plan_module *a, const struct plan_module *b)
{
	return a->kind == b->kind && !strcmp(a->name, b->name) && !strcmp(a->path, b->path) &&
	       !strcmp(a->options, b->options);
}

static bool same_modules(const struct plan *a, const struct plan *b)
{
	bool same = a->n_modules == b->n_modules && !strcmp(a->kernel, b->kernel);

	for (size_t i = 0; same && i < a->n_modules; i++)
		same = same_module(&a->modules[i], &b->modules[i]);
	return same;
}

/* Of its lines those about modules. */
static bool same_plan(struct system *in, const struct plan *plan)
{
	struct plan found = { 0 };
	char *bytes;
	size_t len;
	bool same;

	if (in->ops->read_all(in, "etc/earlybind.plan", PLAN_FILE_MAX, &bytes, &len) < 0)
		return false;
	same = plan_parse(&found, (struct slice){ bytes, len }) == 0 && same_modules(&found, plan);
	plan_done(&found);
	free(bytes);
	return same;
}

static bool same_config(struct system *in, const struct config *config)
{
	struct config held;
	bool same;

	config_init(&held);
	same = config_load(&held, in, "etc") == 0 && !config_changed_file(&held, config);
	config_done(&held);
	return same;
}

static void compare(struct image *image, struct system *in, const char *path)
{
	const char *binder = NULL;

	for (size_t i = 0; i < COUNT_OF(binders); i++)
		if (system_exists(in, "%s", binders[i]))
			binder = binders[i];
	if (!binder)
		tell(image, LEVEL_PROBLEM, path, "has no earlybind in it", true);
	else if (!same_config(in, image->config))
		tell(image, LEVEL_PROBLEM, path, "holds another configuration than /etc", true);
	else if (image->plan->n_modules && !same_plan(in, image->plan))
		tell(image, LEVEL_PROBLEM, path, "holds another plan of modules than this kernel needs now", true);
	else if (system_exists(image->sys, "%s", binder) && !same_file(in, binder, image->sys, binder))
		tell(image, LEVEL_PROBLEM, path, "holds another version of earlybind-boot", true);
	else
		tell(image, LEVEL_GOOD, path, "holds this configuration", false);
}

/* unmkinitramfs puts what is behind the microcode into a directory of its own. */
static void compare_directory(struct image *image, const char *dir, const char *path)
{
	char main_part[UNPACK_SIZE + sizeof("/main")];
	struct system in;

	snprintf(main_part, sizeof(main_part), "%s/main", dir);
	if (system_open(&in, access(main_part, X_OK) == 0 ? main_part : dir) < 0) {
		tell(image, LEVEL_NOTE, path, "could not be looked into", false);
		return;
	}
	compare(image, &in, path);
	system_close(&in);
}

/* Links on the way lead to where the system in SYSROOT has them, never out of it. */
static int unpack(const struct image *image, const char *path, char dir[UNPACK_SIZE])
{
	char inside[SYSTEM_PATH_MAX], *whole;
	int r = offline_resolve(image->sys->root, path, true, inside);

	if (r == 0 && faccessat(image->sys->root, inside, R_OK, 0) < 0)
		r = -errno;
	/* A link to nothing; what unpack_image() means by that is another thing. */
	if (r < 0)
		return r == -ENOENT ? -EIO : r;
	if (asprintf(&whole, "%s/%s", strcmp(image->sysroot, "/") ? image->sysroot : "", inside) < 0)
		return -ENOMEM;
	r = unpack_image(whole, dir);
	free(whole);
	return r;
}

static void check_image(struct image *image, const char *path)
{
	char dir[UNPACK_SIZE];
	int r;

	image->any = true;
	r = unpack(image, path, dir);
	if (r == 0) {
		compare_directory(image, dir, path);
		unpack_remove(dir);
	} else if (r == -ENOMEM) {
		image->findings->lacks_memory = true;
	} else if (r == -EACCES) {
		tell(image, LEVEL_NOTE, path, "may be read by root only: not known what it holds", false);
	} else if (r == -ENOENT) {
		tell(image, LEVEL_NOTE, path,
		     "cannot be unpacked without unmkinitramfs or lsinitrd: not known what it holds", false);
	} else {
		tell(image, LEVEL_NOTE, path, "cannot be unpacked: not known what it holds", false);
	}
}

/* --- which images --- */

static const struct {
	const char *before, *behind;
} names[] = { { "initrd.img-", "" }, { "initramfs-", ".img" }, { "initrd-", "" } };

static int check_listed(const char *name, void *data)
{
	char path[SYSTEM_PATH_MAX];
	size_t len = strlen(name);

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		size_t tail = strlen(names[i].behind);

		if (strncmp(name, names[i].before, strlen(names[i].before)) || len < tail ||
		    strcmp(name + len - tail, names[i].behind))
			continue;
		snprintf(path, sizeof(path), "boot/%.255s", name);
		check_image(data, path);
		break;
	}
	return 0;
}

static void check_release(struct image *image)
{
	char path[SYSTEM_PATH_MAX];

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		snprintf(path, sizeof(path), "boot/%s%s%s", names[i].before, image->release, names[i].behind);
		if (system_exists(image->sys, "%s", path)) {
			check_image(image, path);
			return;
		}
	}
}

static int pass_over(const char *name, void *data)
{
	(void)name;
	(void)data;
	return 0;
}

/* No image was found; whoever may not list the directory does not know that there is none. */
static void tell_none(struct image *image)
{
	int r = system_for_each_entry(image->sys, pass_over, NULL, "boot");

	if (r < 0)
		findings_say(image->findings, FINDING_IMAGE, LEVEL_NOTE, V_COUNT,
			     "/boot cannot be read (%s%s): not known what the images hold", errno_name(r),
			     r == -EACCES ? "; root may read it" : "");
	else
		findings_say(image->findings, FINDING_IMAGE, LEVEL_NOTE, V_COUNT,
			     "no image of this kernel in /boot: not known what it holds");
}

void image_check(struct findings *findings, struct system *sys, const char *sysroot, const struct config *config,
		 const struct plan *plan, const char *release, bool all)
{
	struct image image = { findings, sys, sysroot, config, plan, release, false };

	/* What was captured has no images with it. */
	if (!system_exists(sys, "boot"))
		return;
	if (all)
		system_for_each_entry(sys, check_listed, &image, "boot");
	else
		check_release(&image);
	if (!image.any)
		tell_none(&image);
}
