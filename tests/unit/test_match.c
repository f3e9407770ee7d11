/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which line means which device. */
#include "facts_table.h"

#include <errno.h>

#include "decide/match.h"

struct listing {
	char at[2048];
};

/* "ADDRESS VERDICT LINE[+];", + for members of a group. */
static struct listing list_claims(const struct config *config, const struct machine *machine,
				  const struct matches *matches)
{
	struct listing list = { "" };
	size_t len = 0;

	for (size_t i = 0; i < matches->n_claims; i++) {
		const struct claim *claim = &matches->claims[i];

		len += (size_t)snprintf(list.at + len, sizeof(list.at) - len, "%s %s %u%s;",
					address_name(machine->devices[claim->device].address).at,
					verdict_word(claim->verdict), config->rules[claim->rule].origin.line,
					claim->by_group ? "+" : "");
	}
	return list;
}

/* "LINE VERDICT FITS;" for every line that is worth one of its own. */
static struct listing list_namings(const struct config *config, const struct matches *matches)
{
	struct listing list = { "" };
	size_t len = 0;

	for (size_t i = 0; i < config->n_rules; i++)
		if (matches->rule_results[i].verdict != V_UNDECIDED)
			len += (size_t)snprintf(
				list.at + len, sizeof(list.at) - len, "%u %s %u;", config->rules[i].origin.line,
				verdict_word(matches->rule_results[i].verdict), matches->rule_results[i].fits);
	return list;
}

struct row {
	const char *config;
	const char *claims;
	const char *rule_results;
};

static void check(const struct row *rows, size_t n, size_t devices)
{
	for (size_t i = 0; i < n; i++) {
		struct config config = facts_config(rows[i].config);
		struct machine machine = facts_machine(devices);
		struct matches matches;

		assert_int_equal(match_devices(&config, &machine, &matches), 0);
		assert_int_equal(match_groups(&config, &machine, &matches), 0);
		row_string(rows[i].config, "claims", list_claims(&config, &machine, &matches).at, rows[i].claims);
		row_string(rows[i].config, "lines", list_namings(&config, &matches).at, rows[i].rule_results);
		matches_done(&matches);
		machine_done(&machine);
		config_done(&config);
	}
	rows_done();
}

static void places(void **state)
{
	static const struct row rows[] = {
		{ "", "", "" },
		{ "01:00.0", "0000:01:00.0 undecided 1;", "" },
		{ "01:00.*", "0000:01:00.0 undecided 1;0000:01:00.1 undecided 1;", "" },
		{ "10000:e1:00.0", "10000:e1:00.0 undecided 1;", "" },
		{ "01:00.2", "", "1 absent 0;" },
		{ "01:01.*", "", "1 absent 0;" },
		{ "0001:01:00.0", "", "1 absent 0;" },
		{ "e1:00.0", "", "1 absent 0;" },
		{ "09:00.0 optional", "", "" },
		/* a bridge is judged by verify */
		{ "00:1c.0", "0000:00:1c.0 undecided 1;", "" },
	};

	(void)state;
	check(rows, COUNT_OF(rows), HBA);
}

static void paths(void **state)
{
	static const struct row rows[] = {
		{ "00:1c.0/00.0", "0000:01:00.0 undecided 1;", "" },
		{ "00:1c.0/00.*", "0000:01:00.0 undecided 1;0000:01:00.1 undecided 1;", "" },
		{ "00:1c.4/00.0", "0000:02:00.0 undecided 1;", "" },
		{ "00:1c.4/01.0/00.0", "0000:03:00.0 undecided 1;", "" },
		{ "00:1c.4/01.0/00.*", "0000:03:00.0 undecided 1;", "" },
		{ "00:1c.4/01.*", "0000:02:01.0 undecided 1;", "" },
		{ "00:1c.4/01.0", "0000:02:01.0 undecided 1;", "" },
		/* the start need not be the root port */
		{ "02:01.0/00.0", "0000:03:00.0 undecided 1;", "" },
		{ "10000:e0:06.0/00.0", "10000:e1:00.0 undecided 1;", "" },
		{ "e0:06.0/00.0", "", "1 absent 0;" },
		{ "00:1c.0/00.2", "", "1 absent 0;" },
		{ "00:1c.0/01.0", "", "1 absent 0;" },
		{ "00:1c.1/00.0", "", "1 absent 0;" },
		{ "00:1c.4/01.1/00.0", "", "1 absent 0;" },
		{ "00:1c.0/00.0/00.0", "", "1 absent 0;" },
		{ "00:1c.4/00.0/01.0/00.0", "", "1 absent 0;" },
		{ "00:1d.0/00.0 optional", "", "" },
		{ "00:1c.0/00.0 id=10de:1b80", "0000:01:00.0 undecided 1;", "" },
		{ "00:1c.0/00.0 id=10de:1b81", "0000:01:00.0 other-device 1;", "" },
	};

	(void)state;
	check(rows, COUNT_OF(rows), HBA);
}

static void sets(void **state)
{
	static const struct row rows[] = {
		{ "10de:1b80", "0000:01:00.0 undecided 1;", "" },
		{ "10de:*", "0000:01:00.0 undecided 1;0000:01:00.1 undecided 1;", "" },
		{ "10de:1b80:1043:85aa", "0000:01:00.0 undecided 1;", "" },
		{ "10de:1b80:1043:85ab", "", "1 no-match 0;" },
		{ "*:*:1043", "0000:01:00.0 undecided 1;0000:01:00.1 undecided 1;", "" },
		{ "*:10d3", "0000:02:00.0 undecided 1;0000:03:00.0 undecided 1;", "" },
		{ "8086:10d3", "0000:02:00.0 undecided 1;0000:03:00.0 undecided 1;", "1 multiple-matches 2;" },
		{ "8086:10d3 optional", "0000:02:00.0 undecided 1;0000:03:00.0 undecided 1;", "1 multiple-matches 2;" },
		{ "8086:10d3 class=03", "", "1 no-match 0;" },
		{ "1234:5678", "", "1 no-match 0;" },
		{ "1234:5678 optional", "", "" },
		{ "class=03", "0000:01:00.0 undecided 1;", "" },
		{ "class=0200", "0000:02:00.0 undecided 1;0000:03:00.0 undecided 1;", "" },
		{ "class=010802", "10000:e1:00.0 undecided 1;", "" },
		{ "class=0c03", "", "1 no-match 0;" },
		{ "class=02 id=8086:*", "0000:02:00.0 undecided 1;0000:03:00.0 undecided 1;", "" },
		{ "class=02 id=10de:*", "", "1 no-match 0;" },
		/* an ID that matches several is reported, an identity check is not */
		{ "class=00", "", "1 no-match 0;" },
	};

	(void)state;
	check(rows, COUNT_OF(rows), HBA);
}

static void identity_checks(void **state)
{
	static const struct row rows[] = {
		{ "01:00.0 id=10de:1b80", "0000:01:00.0 undecided 1;", "" },
		{ "01:00.0 class=03", "0000:01:00.0 undecided 1;", "" },
		{ "01:00.0 id=10de:1b81", "0000:01:00.0 other-device 1;", "" },
		{ "01:00.0 class=02", "0000:01:00.0 other-device 1;", "" },
		{ "01:00.0 id=10de:1b80 class=02", "0000:01:00.0 other-device 1;", "" },
		{ "01:00.* id=10de:1b80", "0000:01:00.0 undecided 1;0000:01:00.1 other-device 1;", "" },
		/* it is there, so it is not absent; optional is about absence only */
		{ "01:00.0 id=10de:1b81 optional", "0000:01:00.0 other-device 1;", "" },
		{ "09:00.0 id=10de:1b80", "", "1 absent 0;" },
		/* one line's identity check does not undo another line */
		{ "01:00.0\n01:00.0 id=10de:1b81", "0000:01:00.0 undecided 1;", "" },
		{ "01:00.0 id=10de:1b81\n10de:1b80", "0000:01:00.0 undecided 2;", "" },
		{ "01:00.0 id=10de:1b81\n01:00.0 id=10de:1b82", "0000:01:00.0 other-device 2;", "" },
		/* an identity check on a skip line: only that device is skipped */
		{ "01:00.0\nskip 01:00.0 id=10de:1b81", "0000:01:00.0 undecided 1;", "" },
		{ "01:00.0\nskip 01:00.0 id=10de:1b80", "0000:01:00.0 skipped 2;", "" },
		{ "skip 01:00.0 id=10de:1b81", "", "" },
		{ "01:00.0 id=10de:1b81\nskip 01:00.0", "", "" },
	};

	(void)state;
	check(rows, COUNT_OF(rows), HBA);
}

static void later_lines_win(void **state)
{
	static const struct row rows[] = {
		{ "10de:1b80\n01:00.0", "0000:01:00.0 undecided 2;", "" },
		{ "01:00.0\n10de:1b80", "0000:01:00.0 undecided 2;", "" },
		{ "01:00.0\n01:00.0\n01:00.0", "0000:01:00.0 undecided 3;", "" },
		{ "class=02\n03:00.0", "0000:02:00.0 undecided 1;0000:03:00.0 undecided 2;", "" },
	};

	(void)state;
	check(rows, COUNT_OF(rows), HBA);
}

static void skip_wins(void **state)
{
	static const struct row rows[] = {
		{ "skip 01:00.0\n01:00.0", "0000:01:00.0 skipped 1;", "" },
		{ "01:00.0\nskip 10de:*", "0000:01:00.0 skipped 2;", "" },
		{ "01:00.0\nskip class=03", "0000:01:00.0 skipped 2;", "" },
		{ "skip 10de:*\n01:00.0\nskip 00:1c.0/00.0", "0000:01:00.0 skipped 3;", "" },
		{ "class=02\nskip 02:00.0", "0000:02:00.0 skipped 2;0000:03:00.0 undecided 1;", "" },
		/* what no line takes needs no word */
		{ "skip 01:00.0", "", "" },
		{ "skip 1234:5678", "", "" },
		{ "skip class=0c", "", "" },
		/* a skip that protects nothing may be a wrong address */
		{ "skip 09:00.0", "", "1 absent 0;" },
		{ "skip 09:00.0 optional", "", "" },
		/* the exact ID fits two, but one of them is left alone on purpose */
		{ "8086:10d3\nskip 02:00.0", "0000:02:00.0 skipped 2;0000:03:00.0 undecided 1;", "" },
	};

	(void)state;
	check(rows, COUNT_OF(rows), HBA);
}

static void unreadable_devices(void **state)
{
	static const struct row rows[] = {
		{ "04:00.0", "0000:04:00.0 unreadable 1;", "" },
		{ "04:00.0 id=1000:0072", "0000:04:00.0 unreadable 1;", "" },
		{ "04:00.*", "0000:04:00.1 undecided 1;0000:04:00.0 unreadable 1;", "" },
		/* it may be the one that is meant by ID */
		{ "1000:0072", "0000:04:00.1 undecided 1;0000:04:00.0 unreadable 1;", "" },
		{ "1234:5678", "0000:04:00.0 unreadable 1;", "1 no-match 0;" },
		{ "class=01", "10000:e1:00.0 undecided 1;0000:04:00.1 undecided 1;0000:04:00.0 unreadable 1;", "" },
		/* but not the one that is meant at another place */
		{ "01:00.0", "0000:01:00.0 undecided 1;", "" },
		{ "01:00.0 id=10de:1b80", "0000:01:00.0 undecided 1;", "" },
		{ "00:1c.0/00.0", "0000:01:00.0 undecided 1;", "" },
		{ "01:00.0 group\n00:1c.4/00.*",
		  "0000:01:00.0 undecided 1;0000:02:00.0 undecided 2;"
		  "0000:01:00.1 undecided 1+;",
		  "" },
		{ "04:00.0\nskip 04:00.0", "0000:04:00.0 skipped 2;", "" },
		{ "1000:0072\nskip 04:00.0", "0000:04:00.1 undecided 1;", "" },
		/* whether a skip line with an identity check means it is unknown; it is left alone */
		{ "04:00.0\nskip 04:00.0 id=1000:0072", "0000:04:00.0 unreadable 1;", "" },
		{ "04:00.1 group", "0000:04:00.1 undecided 1;0000:04:00.0 unreadable 1+;", "" },
		/* the unreadable one brings no neighbour along */
		{ "04:00.0 group", "0000:04:00.0 unreadable 1;", "" },
	};

	(void)state;
	check(rows, COUNT_OF(rows), FACTS_DEVICES);
}

static void whole_groups(void **state)
{
	static const struct row rows[] = {
		{ "01:00.0 group", "0000:01:00.0 undecided 1;0000:01:00.1 undecided 1+;", "" },
		/* bridges stay */
		{ "02:00.0 group", "0000:02:00.0 undecided 1;0000:03:00.0 undecided 1+;", "" },
		{ "00:1c.0 group", "0000:00:1c.0 undecided 1;", "" },
		{ "10000:e1:00.0 group", "10000:e1:00.0 undecided 1;", "" },
		/* without the option nothing joins */
		{ "02:00.0", "0000:02:00.0 undecided 1;", "" },
		/* skip holds inside the group too */
		{ "01:00.0 group\nskip 01:00.1", "0000:01:00.0 undecided 1;0000:01:00.1 skipped 2+;", "" },
		{ "01:00.0 group\nskip class=04", "0000:01:00.0 undecided 1;0000:01:00.1 skipped 2+;", "" },
		{ "skip 01:00.1\n01:00.0 group", "0000:01:00.0 undecided 2;0000:01:00.1 skipped 1+;", "" },
		{ "skip 01:00.1\nskip class=04\n01:00.0 group", "0000:01:00.0 undecided 3;0000:01:00.1 skipped 1+;",
		  "" },
		/* what a line names itself keeps that line */
		{ "01:00.0 group\n01:00.1 driver=pci-stub", "0000:01:00.0 undecided 1;0000:01:00.1 undecided 2;", "" },
		{ "01:00.0 group\n01:00.1 id=0001:0002", "0000:01:00.0 undecided 1;0000:01:00.1 other-device 2;", "" },
		/* a refused device brings no neighbour along */
		{ "01:00.0 group\nskip 01:00.0", "0000:01:00.0 skipped 2;", "" },
		{ "01:00.0 group id=0001:0002", "0000:01:00.0 other-device 1;", "" },
		/* two lines of one group: nothing is claimed twice */
		{ "02:00.0 group\n03:00.0 group", "0000:02:00.0 undecided 1;0000:03:00.0 undecided 2;", "" },
	};

	(void)state;
	check(rows, COUNT_OF(rows), HBA);
}

static void group_not_read(void **state)
{
	struct config config = facts_config("01:00.0 group");
	struct machine machine = facts_machine(HBA);
	struct matches matches;

	(void)state;
	machine.devices[GPU].group = NO_GROUP;
	assert_int_equal(match_devices(&config, &machine, &matches), 0);
	assert_int_equal(match_groups(&config, &machine, &matches), 0);
	assert_int_equal(matches.n_claims, 1);
	matches_done(&matches);
	machine_done(&machine);
	config_done(&config);
}

/* More claims than fit into the first allocation, and a whole group after them. */
static void many(void **state)
{
	struct config config = facts_config("10de:1b80 group");
	struct machine machine = { .n_devices = 100 };
	struct matches matches;

	(void)state;
	machine.devices = calloc(100, sizeof(*machine.devices));
	machine.groups = calloc(1, sizeof(*machine.groups));
	assert_non_null(machine.devices);
	assert_non_null(machine.groups);
	machine.n_groups = 1;
	machine.groups[0].members = calloc(100, sizeof(size_t));
	assert_non_null(machine.groups[0].members);
	for (size_t i = 0; i < 100; i++) {
		machine.devices[i] = facts_devices[i % 2 ? GPU : AUDIO];
		machine.devices[i].address = (struct address){ 0, (uint8_t)i, 0, 0 };
		machine.devices[i].group = 0;
		machine.groups[0].members[machine.groups[0].n_members++] = i;
	}
	assert_int_equal(match_devices(&config, &machine, &matches), 0);
	assert_int_equal(matches.n_claims, 50);
	assert_int_equal(matches.rule_results[0].fits, 50);
	assert_int_equal(match_groups(&config, &machine, &matches), 0);
	assert_int_equal(matches.n_claims, 100);
	for (size_t i = 0; i < 100; i++) {
		assert_non_null(matches_find(&matches, i));
		assert_int_equal(matches_find(&matches, i)->by_group, i % 2 == 0);
	}
	assert_null(matches_find(&matches, 100));
	matches_done(&matches);
	machine_done(&machine);
	config_done(&config);
}

/* --- where groups come late: which devices may come into a group --- */

enum { ABOVE, OWNER, FUNCTION, SISTER, COUSIN, ROOTED, ORPHAN, FAMILY };

/* A bridge, and below it: two functions of a slot, a neighbour, a device below a further bridge; and two elsewhere.
 */
static const struct device family[FAMILY] = {
	[ABOVE] = { .address = AT(0, 0x1c, 0),
		    .identity = { .class = 0x060400 },
		    .group = 1,
		    .chain = { AT(0, 0x1c, 0) },
		    .n_chain = 1 },
	[OWNER] = { .address = AT(5, 0, 0), .group = 1, .chain = { AT(0, 0x1c, 0), AT(5, 0, 0) }, .n_chain = 2 },
	[FUNCTION] = { .address = AT(5, 0, 1), .group = NO_GROUP, .n_chain = 0 },
	[SISTER] = { .address = AT(5, 1, 0),
		     .group = NO_GROUP,
		     .chain = { AT(0, 0x1c, 0), AT(5, 1, 0) },
		     .n_chain = 2 },
	[COUSIN] = { .address = AT(6, 0, 0),
		     .group = NO_GROUP,
		     .chain = { AT(0, 0x1c, 0), AT(5, 2, 0), AT(6, 0, 0) },
		     .n_chain = 3 },
	[ROOTED] = { .address = AT(0, 3, 0), .group = NO_GROUP, .chain = { AT(0, 3, 0) }, .n_chain = 1 },
	/* Behind a bridge that was not looked at. */
	[ORPHAN] = { .address = AT(9, 0, 0),
		     .group = NO_GROUP,
		     .chain = { AT(0, 0x1d, 0), AT(9, 0, 0) },
		     .n_chain = 2 },
};

static struct machine family_machine(void)
{
	struct machine machine = facts_machine(0);

	memcpy(machine.devices, family, sizeof(family));
	machine.n_devices = FAMILY;
	machine.groups_come_late = true;
	return machine;
}

static void late_neighbours(void **state)
{
	static const struct {
		int device, other;
		bool late;
		int group, other_group; /* instead of those above */
		bool shares;
	} rows[] = {
		{ OWNER, OWNER, true, 1, 1, false },
		/* who has a group has it for good */
		{ OWNER, SISTER, true, 1, 1, true },
		{ OWNER, SISTER, true, 1, 2, false },
		{ OWNER, SISTER, true, NO_GROUP, 2, false },
		{ OWNER, SISTER, false, 1, NO_GROUP, false },
		{ OWNER, ABOVE, true, 1, NO_GROUP, false },
		{ OWNER, FUNCTION, true, 1, NO_GROUP, true },
		{ OWNER, SISTER, true, 1, NO_GROUP, true },
		{ OWNER, SISTER, true, NO_GROUP, NO_GROUP, true },
		/* another bridge between, but the upper one has the group */
		{ OWNER, COUSIN, true, 1, NO_GROUP, true },
		{ OWNER, COUSIN, true, 2, NO_GROUP, false },
		{ OWNER, COUSIN, true, NO_GROUP, NO_GROUP, false },
		{ OWNER, ROOTED, true, 1, NO_GROUP, false },
		{ ROOTED, SISTER, true, NO_GROUP, NO_GROUP, false },
		{ OWNER, ORPHAN, true, 1, NO_GROUP, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct machine machine = family_machine();
		struct device *device = &machine.devices[rows[i].device], *other = &machine.devices[rows[i].other];
		char name[32];

		snprintf(name, sizeof(name), "row %zu", i);
		machine.groups_come_late = rows[i].late;
		device->group = rows[i].group;
		other->group = rows[i].other_group;
		row_number(name, "shares the group", shares_group(&machine, device, other), rows[i].shares);
		machine_done(&machine);
	}
	rows_done();
}

/* Suspects are claimed; one that was probed and has no group is none, and neither is a host bridge. */
static void late_group_is_claimed(void **state)
{
	struct config config = facts_config("05:00.0 group");
	struct machine machine = family_machine();
	struct matches matches;

	(void)state;
	strcpy(machine.devices[SISTER].driver, "e1000e");
	machine.devices[ROOTED].identity.class = 0x060000;
	machine.devices[ROOTED].group = 1;
	assert_int_equal(match_devices(&config, &machine, &matches), 0);
	assert_int_equal(match_groups(&config, &machine, &matches), 0);
	assert_int_equal(matches.n_claims, 3);
	assert_non_null(matches_find(&matches, OWNER));
	assert_int_equal(matches_find(&matches, FUNCTION)->group_owner, OWNER);
	assert_int_equal(matches_find(&matches, COUSIN)->group_owner, OWNER);
	matches_done(&matches);
	machine_done(&machine);
	config_done(&config);
}

/* Without any claim. */
static void named(void **state)
{
	static const struct {
		const char *config;
		size_t device;
		bool want;
	} rows[] = {
		{ "01:00.*", AUDIO, true },  { "02:00.0\nclass=0403", AUDIO, true },
		{ "01:00.0", AUDIO, false }, { "skip 01:00.1\n01:00.0", AUDIO, false },
		{ "", AUDIO, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config config = facts_config(rows[i].config);

		row_number(rows[i].config, "names it", match_names(&config, &facts_devices[rows[i].device]),
			   rows[i].want);
		config_done(&config);
	}
	rows_done();
}

/* One line alone, whatever other lines say, and a skip line, too. */
static void one_line(void **state)
{
	static const struct {
		const char *line;
		size_t device;
		bool fits;
	} rows[] = {
		{ "01:00.1", AUDIO, true },
		{ "01:00.1", GPU, false },
		{ "skip 01:00.*", AUDIO, true },
		{ "class=0403", AUDIO, true },
		{ "01:00.1 id=10de:1b80", AUDIO, false },
		{ "04:00.0", MUTE, true },
		{ "04:00.0 id=1000:0072", MUTE, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config config = facts_config(rows[i].line);

		row_number(rows[i].line, "fits", rule_fits(config.rules, &facts_devices[rows[i].device]), rows[i].fits);
		config_done(&config);
	}
	rows_done();
}

/* --- physical functions, and the virtual functions that they can make --- */

/* The line that names virtual functions of a device; they start 128 after it, and have the device ID 10ed. */
static void names_functions(void **state)
{
	static const struct {
		const char *config, *cmdline;
		size_t device;
		unsigned functions, step;
		unsigned line; /* or 0 */
	} rows[] = {
		{ "", "", NIC, 7, 1, 0 },
		{ "02:00.0", "", NIC, 7, 1, 0 },
		{ "8086:10d3", "", NIC, 7, 1, 0 },
		/* by an address that one will have: the first, the last, the next */
		{ "02:0f.7", "", NIC, 7, 1, 0 },
		{ "02:10.0", "", NIC, 7, 1, 1 },
		{ "02:10.6", "", NIC, 7, 1, 1 },
		{ "02:10.7", "", NIC, 7, 1, 0 },
		{ "02:10.*", "", NIC, 7, 1, 1 },
		{ "0001:02:10.0", "", NIC, 7, 1, 0 },
		{ "02:10.0", "", NIC, 0, 1, 0 },
		{ "02:10.1", "", NIC, 4, 2, 0 },
		{ "02:10.6", "", NIC, 4, 2, 1 },
		{ "02:11.0", "", NIC, 4, 2, 0 },
		/* on a later bus; a device that tells of more than 1024 is not believed */
		{ "06:0f.7", "", NIC, 2000, 1, 1 },
		{ "06:10.0", "", NIC, 2000, 1, 0 },
		/* by a path, if the device's own is known */
		{ "00:1c.4/10.3", "", NIC, 7, 1, 1 },
		{ "00:1c.4/11.3", "", NIC, 7, 1, 0 },
		{ "00:1c.4/10.1", "", HBA, 7, 1, 0 },
		{ "04:10.1", "", HBA, 7, 1, 1 },
		/* by their ID */
		{ "8086:10ed", "", NIC, 7, 1, 1 },
		{ "8086:10ee", "", NIC, 7, 1, 0 },
		{ "02:10.1 id=8086:10ed", "", NIC, 7, 1, 1 },
		{ "02:10.1 id=8086:10ee", "", NIC, 7, 1, 0 },
		/* a skip line names none */
		{ "skip 02:10.1", "", NIC, 7, 1, 0 },
		{ "skip 02:10.1\n02:10.2", "", NIC, 7, 1, 2 },
		/* what fits both means the device, unless something tells that its functions are meant */
		{ "class=02", "", NIC, 7, 1, 0 },
		{ "class=02 optional", "", NIC, 7, 1, 1 },
		{ "class=02", "quiet ixgbe.max_vfs=7 i915.max_vfs=0", NIC, 7, 1, 1 },
		{ "class=02", "ixgbe.max_vfs=7", NIC, 0, 1, 0 },
		{ "class=02", "ixgbe.max_vfs=0", NIC, 7, 1, 0 },
		{ "class=02", "ixgbe.max_vfs=", NIC, 7, 1, 0 },
		{ "class=02", "ixgbe.max_vfs", NIC, 7, 1, 0 },
		{ "class=02", "ixgbe.vfs=7", NIC, 7, 1, 0 },
		{ "class=02", "max_vfs=7 .max_vfs=7", NIC, 7, 1, 0 },
		{ "02:00.0", "ixgbe.max_vfs=7", NIC, 7, 1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config config = facts_config(rows[i].config);
		struct platform platform = { .cmdline = strdup(rows[i].cmdline) };
		struct device device = facts_devices[rows[i].device];
		const struct rule *rule;
		char name[96];

		assert_non_null(platform.cmdline);
		snprintf(name, sizeof(name), "row %zu: %s", i, rows[i].config);
		device.functions = rows[i].functions;
		device.function_first = 128;
		device.function_step = rows[i].step;
		device.function_id = 0x10ed;
		rule = match_functions(&config, &platform, &device);
		row_number(name, "line", rule ? rule->origin.line : 0, rows[i].line);
		free(platform.cmdline);
		config_done(&config);
	}
	rows_done();
}

/* An ID that fits several is no mistake if all of them, or all except one, are virtual functions. */
static void functions_of_one_id(void **state)
{
	static const struct {
		const char *config;
		bool third;	       /* the GPU has the ID of NIC and TWIN, too */
		bool nic, twin, audio; /* virtual functions */
		unsigned functions;    /* of the line */
		const char *rule_results;
	} rows[] = {
		{ "8086:10d3", false, false, false, false, 0, "1 multiple-matches 2;" },
		{ "8086:10d3", false, true, false, false, 1, "" },
		{ "8086:10d3", false, true, true, false, 2, "" },
		{ "8086:10d3", true, false, false, false, 0, "1 multiple-matches 3;" },
		{ "8086:10d3", true, false, true, false, 1, "1 multiple-matches 3;" },
		{ "8086:10d3", true, true, true, false, 2, "" },
		/* a function that only its group brings along does not fit the line */
		{ "8086:10d3 group", true, false, true, true, 1, "1 multiple-matches 3;" },
		/* a pattern names several on purpose */
		{ "8086:* class=02", false, true, false, false, 1, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config config = facts_config(rows[i].config);
		struct machine machine = facts_machine(HBA);
		struct matches matches;
		char name[32];

		snprintf(name, sizeof(name), "row %zu", i);
		if (rows[i].third)
			machine.devices[GPU].identity = machine.devices[NIC].identity;
		machine.devices[NIC].virtual_function = rows[i].nic;
		machine.devices[TWIN].virtual_function = rows[i].twin;
		machine.devices[AUDIO].virtual_function = rows[i].audio;
		assert_int_equal(match_devices(&config, &machine, &matches), 0);
		assert_int_equal(match_groups(&config, &machine, &matches), 0);
		match_pass_functions(&machine, &matches);
		row_number(name, "functions", matches.rule_results[0].functions, rows[i].functions);
		row_string(name, "lines", list_namings(&config, &matches).at, rows[i].rule_results);
		matches_done(&matches);
		machine_done(&machine);
		config_done(&config);
	}
	rows_done();
}

/* What has a verdict keeps it. */
static void out_of_memory(void **state)
{
	struct config config = facts_config("01:00.*\nskip class=03\n02:00.0 id=0001:0002\n03:00.0");
	struct machine machine = facts_machine(HBA);
	struct matches matches;

	(void)state;
	assert_int_equal(match_devices(&config, &machine, &matches), 0);
	matches_give_up(&matches);
	assert_string_equal(list_claims(&config, &machine, &matches).at,
			    "0000:01:00.0 skipped 2;0000:01:00.1 out-of-memory 1;"
			    "0000:02:00.0 other-device 3;0000:03:00.0 out-of-memory 4;");
	matches_done(&matches);
	machine_done(&machine);
	config_done(&config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places),
		cmocka_unit_test(paths),
		cmocka_unit_test(sets),
		cmocka_unit_test(identity_checks),
		cmocka_unit_test(later_lines_win),
		cmocka_unit_test(skip_wins),
		cmocka_unit_test(unreadable_devices),
		cmocka_unit_test(whole_groups),
		cmocka_unit_test(group_not_read),
		cmocka_unit_test(many),
		cmocka_unit_test(late_neighbours),
		cmocka_unit_test(late_group_is_claimed),
		cmocka_unit_test(named),
		cmocka_unit_test(one_line),
		cmocka_unit_test(names_functions),
		cmocka_unit_test(functions_of_one_id),
		cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
