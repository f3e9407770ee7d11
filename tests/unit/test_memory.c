/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When memory runs out. The sources under test are compiled here once more,
 * with an allocator that fails on request and other names for what they export.
 */
#include "facts_table.h"

#include <errno.h>

/* How many allocations still succeed. */
static size_t budget;

static void *poor_malloc(size_t size)
{
	return budget && budget-- ? malloc(size) : NULL;
}

static void *poor_calloc(size_t n, size_t size)
{
	return budget && budget-- ? calloc(n, size) : NULL;
}

static void *poor_realloc(void *old, size_t size)
{
	return budget && budget-- ? realloc(old, size) : NULL;
}

/* In place of array_grow(). */
static int poor_grow(void **items, size_t n, size_t *room, size_t size)
{
	size_t more = n + 1;
	void *moved;

	if (n < *room)
		return 0;
	moved = poor_realloc(*items, more * size);
	if (!moved)
		return -ENOMEM;
	*items = moved;
	*room = more;
	return 0;
}

#define malloc poor_malloc
#define calloc poor_calloc
#define realloc poor_realloc
#define array_grow poor_grow

#define match_names poor_match_names
#define match_devices poor_match_devices
#define match_groups poor_match_groups
#define match_functions poor_match_functions
#define match_pass_functions poor_match_pass_functions
#define rule_fits_function poor_rule_fits_function
#define match_every_display poor_match_every_display
#define rule_fits poor_rule_fits
#define shares_group poor_shares_group
#define claim_driver poor_claim_driver
#define matches_find poor_matches_find
#define matches_done poor_matches_done
#define matches_give_up poor_matches_give_up
#include "decide/match.c"

#define config_init poor_config_init
#define config_done poor_config_done
#define config_add_problem poor_config_add_problem
#define config_add_rule poor_config_add_rule
#define rule_driver poor_rule_driver
#define problem_format poor_problem_format
#include "config/config.c"

#define config_parse poor_config_parse
#include "config/parse.c"

#define config_load poor_config_load
#include "config/load.c"

#define cmdline_next poor_cmdline_next
#define cmdline_says poor_cmdline_says
#define cmdline_value poor_cmdline_value
#define cmdline_module_options poor_cmdline_module_options
#define cmdline_has_ids poor_cmdline_has_ids
#define module_options_remove_ids poor_module_options_remove_ids
#define module_takes_ids poor_module_takes_ids
#define config_parse_cmdline poor_config_parse_cmdline
#define problem_at cmdline_problem_at
#include "config/cmdline.c"

#define plan_parse poor_plan_parse
#define plan_format_need poor_plan_format_need
#define plan_format poor_plan_format
#define plan_done poor_plan_done
#define plan_find poor_plan_find
#define need_kind_word poor_need_kind_word
#define need_is_protected poor_need_is_protected
#define plan_is_module_of poor_plan_is_module_of
#define plan_find_driver poor_plan_find_driver
#define plan_find_prospect poor_plan_find_prospect
#define parse_line plan_parse_line
#include "config/plan.c"

#undef malloc
#undef calloc
#undef realloc
#undef rule_driver
#undef config_done

/* Every number of successes that is not enough ends in -ENOMEM, and nothing leaks. */
static void matching(void **state)
{
	int r = -ENOMEM;

	(void)state;
	for (size_t n = 0; r == -ENOMEM; n++) {
		struct config config = facts_config("01:00.1 group\n02:00.0\nskip 02:00.0\n04:00.0 group");
		struct machine machine = facts_machine(FACTS_DEVICES);
		struct matches matches;

		assert_in_range(n, 0, 20);
		budget = n;
		r = poor_match_devices(&config, &machine, &matches);
		if (r == 0)
			r = poor_match_groups(&config, &machine, &matches);
		assert_true(r == 0 || r == -ENOMEM);
		poor_matches_done(&matches);
		machine_done(&machine);
		config_done(&config);
	}
}

static void parsing(void **state)
{
	struct config config;

	(void)state;
	for (size_t n = 0; n < 3; n++) {
		budget = n;
		poor_config_init(&config);
		assert_int_equal(poor_config_parse(&config, "f", slice_of("01:00.0\nskip 02:00.0\nx\n10de:1b80")),
				 -ENOMEM);
		assert_int_equal(config.n_rules, n);
		poor_config_done(&config);
	}
}

static void parsing_the_command_line(void **state)
{
	const struct slice line = slice_of("rd.earlybind.take=01:00.0,02:00.0,03:00.0 rd.earlybind.skip=04:00.0");
	struct config config;

	(void)state;
	for (size_t n = 0; n < 4; n++) {
		budget = n;
		poor_config_init(&config);
		assert_int_equal(poor_config_parse_cmdline(&config, line), -ENOMEM);
		assert_int_equal(config.n_rules, n);
		poor_config_done(&config);
	}
}

static void planning(void **state)
{
	struct plan plan;

	(void)state;
	for (size_t n = 0; n < 2; n++) {
		budget = n;
		assert_int_equal(poor_plan_parse(&plan, slice_of("earlybind-plan 2\nbuiltin a\nbuiltin b\n")), -ENOMEM);
		assert_int_equal(plan.n_modules, n);
		poor_plan_done(&plan);
	}
}

/* A system with a main file and two drop-ins in memory, the last one first. */
static int two_slurp(struct system *sys, const char *path, size_t limit, char **ret, size_t *ret_len)
{
	(void)sys;
	(void)path;
	(void)limit;
	*ret = strdup("01:00.0\n");
	*ret_len = 8;
	return *ret ? 0 : -ENOMEM;
}

static int two_list(struct system *sys, const char *path, int (*each)(const char *name, void *data), void *data)
{
	int r = each("b.conf", data);

	(void)sys;
	(void)path;
	return r ? r : each("a.conf", data);
}

static void loading(void **state)
{
	static const struct system_ops ops = { .read_all = two_slurp, .for_each_entry = two_list };
	struct system sys = { .ops = &ops, .root = -1 };
	int r = -ENOMEM;

	(void)state;
	for (size_t n = 0; r == -ENOMEM; n++) {
		struct config config;

		assert_in_range(n, 0, 40);
		budget = n;
		poor_config_init(&config);
		r = poor_config_load(&config, &sys, "etc");
		if (r == 0)
			assert_int_equal(config.n_rules, 3);
		else
			assert_int_equal(r, -ENOMEM);
		poor_config_done(&config);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matching), cmocka_unit_test(parsing), cmocka_unit_test(parsing_the_command_line),
		cmocka_unit_test(planning), cmocka_unit_test(loading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
