/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operations on a captured machine stay in its directory, whatever links were captured. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake_kernel.h"

static int setup(void **state)
{
	struct fake *fake = fake_new();

	fake_file(fake, "a/b/file", "inside");
	*state = fake;
	return 0;
}

static int teardown(void **state)
{
	fake_free(*state);
	return 0;
}

static void resolves(void **state)
{
	static const struct {
		const char *target, *path, *want;
		bool follow_last;
		int error;
	} rows[] = {
		{ NULL, "a/b/file", "a/b/file", true, 0 },
		{ NULL, "/a//./b/../b/file", "a/b/file", true, 0 },
		{ NULL, "../../../etc/passwd", "etc/passwd", true, 0 },
		{ NULL, "a/b/new", "a/b/new", true, 0 },
		{ NULL, "", ".", true, 0 },
		{ "/a", "link/b/file", "a/b/file", true, 0 },
		{ "../../../../a/b", "link/file", "a/b/file", true, 0 },
		{ "/", "link", ".", true, 0 },
		{ "/etc", "link", "link", false, 0 },
		{ "a/../link", "link/x", "", true, -ELOOP },
		{ "link", "link", "", true, -ELOOP },
	};
	struct fake *fake = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char to[SYSTEM_PATH_MAX];

		if (rows[i].target)
			fake_link(fake, rows[i].target, "link");
		assert_int_equal(offline_resolve(fake->real.root, rows[i].path, rows[i].follow_last, to),
				 rows[i].error);
		if (!rows[i].error)
			assert_string_equal(to, rows[i].want);
	}
}

static void long_paths_are_refused(void **state)
{
	struct fake *fake = *state;
	char path[SYSTEM_PATH_MAX * 2], to[SYSTEM_PATH_MAX];

	memset(path, 'x', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(offline_resolve(fake->real.root, path, true, to), -ENAMETOOLONG);
}

/* As a drop-in may be called: every length that a file's name can have. */
static void puts_long_names(void **state)
{
	struct system *sys = &((struct fake *)*state)->real;
	char name[NAME_MAX + 2], text[8];

	memset(name, 'x', sizeof(name));
	for (size_t len = NAME_MAX - 5; len <= NAME_MAX; len++) {
		name[len] = '\0';
		assert_int_equal(sys->ops->replace_file(sys, name, "new", 3), 0);
		assert_int_equal(system_read(sys, text, sizeof(text), "%s", name), 3);
		assert_false(system_exists(sys, "%.*s.new", NAME_MAX - 4, name));
		name[len] = 'x';
	}
	name[NAME_MAX + 1] = '\0';
	assert_int_equal(sys->ops->replace_file(sys, name, "new", 3), -ENAMETOOLONG);
}

/* An absolute link to a file of the machine that looks on: not read, not written, not replaced. */
static void nothing_outside_is_touched(void **state)
{
	struct fake *fake = *state;
	struct system *sys = &fake->real;
	char outside[] = "/tmp/earlybind-outside.XXXXXX", text[64];
	int fd = mkstemp(outside);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "before", 6), 6);
	fake_link(fake, outside, "link");
	fake_link(fake, "/tmp", "run");
	assert_true(system_read(sys, text, sizeof(text), "link") < 0);
	assert_int_equal(system_write(sys, "after", "link"), -ENOENT);
	assert_false(system_exists(sys, "link"));
	assert_false(system_exists(sys, "run/%s", outside + strlen("/tmp/")));
	assert_true(sys->ops->mkdir(sys, "run/earlybind-made") < 0);
	assert_true(sys->ops->replace_file(sys, "run/earlybind-put", "x", 1) < 0);
	assert_int_equal(access("/tmp/earlybind-made", F_OK), -1);
	assert_int_equal(access("/tmp/earlybind-put", F_OK), -1);
	assert_int_equal(pread(fd, text, sizeof(text), 0), 6);
	assert_memory_equal(text, "before", 6);
	close(fd);
	unlink(outside);
}

static void the_running_system_by_any_name(void **state)
{
	static const char *const names[] = { "/", "//", "/.", "/proc/.." };
	struct system sys;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(system_open(&sys, names[i]), 0);
		assert_false(sys.offline);
		system_close(&sys);
	}
	assert_int_equal(system_open(&sys, "/tmp"), 0);
	assert_true(sys.offline);
	system_close(&sys);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(resolves),
		TEST(long_paths_are_refused),
		TEST(puts_long_names),
		TEST(nothing_outside_is_touched),
		TEST(the_running_system_by_any_name),
	};

	return cmocka_run_group_tests_name("system", tests, NULL, NULL);
}
