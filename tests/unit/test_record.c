/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The record of a boot, read back: whole, of another version, damaged. What is written comes back: tests/hosts/run. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>

#include "record/record.h"

static struct record parse(struct slice bytes)
{
	struct record record;

	memset(&record, 0, sizeof(record));
	config_init(&record.decision.config);
	assert_int_equal(record_parse(&record, bytes), 0);
	return record;
}

#define GPU_ROW "device=0000:01:00.0 id=10de:1b80 verdict=ready driver=vfio-pci group=14 "

static void whole(void **state)
{
	struct record record = parse(slice_of(
		"format=2\nversion=0.1.0\nkernel=6.1.0\\x20odd\nrun=early\n"
		"platform=iommu-active units=1 groups=14 unit=dmar0 tables=dmar,viot remapping=yes acpi=yes\n"
		"configuration=2 rules=3 problems=40\n"
		"problem=earlybind.conf line=4 column=12 word=drvier=x what=unknown\\x20option instead=driver=\n"
		"plan=image-stale kernel=6.0.1 damaged=2\n"
		"rule=earlybind.conf:7 verdict=absent fits=0 selector=0000:07:00.0\n" GPU_ROW
		"subsystem=1043:8598 class=030000 vfio=yes path=0000:00:01.0 rule=command\\x20line selector=10de:* "
		"target=vfio-pci taken=bound previous=nouveau errno=22 step=bind step-errno=16 hung=yes "
		"restore-errno=5 variant=x_vfio_pci variant-errno=2 notes=boot-display,no-reset reset=flr\\x20bus "
		"display=yes\n"
		"neighbour=0000:01:00.1 id=10de:10f0 state=bound driver=snd_hda_intel group=14\n"
		"group=14 trial=iommu trial-errno=1 reserved=yes\n"
		"unread=sys/x errno=13 count=3\nmicroseconds=1234\nerror=12\nstatus=1\n"));
	const struct decision *d = &record.decision;
	const struct platform *p = &d->machine.platform;
	const struct claim *claim = d->matches.claims;
	const struct device *device = d->machine.devices;

	(void)state;
	assert_int_equal(record.bad_lines, 0);
	assert_true(record.complete && record.has_plan && record.has_config);
	assert_false(record.other_format || p->settled || d->config.settings.off || claim->hotplugged);
	assert_string_equal(p->release, "6.1.0 odd");
	assert_string_equal(p->unit, "dmar0");
	assert_int_equal(p->tables, ACPI_DMAR | ACPI_VIOT);
	assert_int_equal(p->groups, 14);
	assert_true(p->units == 1 && p->remapping && p->acpi && !p->arm);
	assert_int_equal(d->config.problems_total, 40);
	assert_int_equal(d->config.n_problems, 1);
	assert_int_equal(d->config.problems[0].origin.line, 4);
	assert_int_equal(d->config.problems[0].origin.column, 12);
	assert_true(slice_is(d->config.problems[0].word, "drvier=x"));
	assert_string_equal(d->config.problems[0].what, "unknown option");
	assert_string_equal(d->config.problems[0].instead, "driver=");
	assert_string_equal(d->plan.kernel, "6.0.1");
	assert_int_equal(d->plan.bad_lines, 2);
	assert_int_equal(d->config.n_rules, 2);
	assert_string_equal(d->config.rules[0].origin.file, "earlybind.conf");
	assert_int_equal(d->config.rules[0].origin.line, 7);
	assert_int_equal(d->matches.rule_results[0].verdict, V_ABSENT);
	assert_int_equal(d->matches.n_claims, 1);
	assert_int_equal(claim->verdict, V_READY);
	assert_string_equal(d->config.rules[claim->rule].origin.file, "command line");
	assert_true(slice_is(d->config.rules[claim->rule].selector_text, "10de:*"));
	assert_string_equal(claim->driver, "vfio-pci");
	assert_string_equal(claim->previous_driver, "nouveau");
	assert_string_equal(claim->variant, "x_vfio_pci");
	assert_int_equal(claim->taken, TAKEN_BOUND);
	assert_int_equal(claim->error, EINVAL);
	assert_int_equal(claim->outcome.failed, STEP_BIND);
	assert_int_equal(claim->outcome.error, EBUSY);
	assert_int_equal(claim->outcome.restore_error, EIO);
	assert_int_equal(claim->outcome.variant_error, ENOENT);
	assert_true(claim->outcome.hung);
	assert_true(claim->notes == (NOTE(V_BOOT_DISPLAY) | NOTE(V_NO_RESET)));
	assert_int_equal(d->machine.n_devices, 2);
	assert_int_equal(device->identity.subvendor, 0x1043);
	assert_int_equal(device->identity.class, 0x030000);
	assert_int_equal(device->n_chain, 2);
	assert_int_equal(device->group, 14);
	assert_string_equal(device->reset, "flr bus");
	assert_true(device->vfio && device->boot_vga && !device->gone && !device->virtual_function);
	assert_string_equal(device[1].driver, "snd_hda_intel");
	assert_int_equal(d->machine.n_groups, 1);
	assert_int_equal(d->machine.groups[0].trial.step, TRIAL_IOMMU);
	assert_int_equal(d->machine.groups[0].trial.error, EPERM);
	assert_true(d->machine.groups[0].reserved_direct && !d->machine.groups[0].noiommu);
	assert_string_equal(record.unread.first, "sys/x");
	assert_int_equal(record.unread.count, 3);
	assert_int_equal(record.end.microseconds, 1234);
	assert_int_equal(record.end.error, ENOMEM);
	assert_int_equal(record.end.status, 1);
	record_done(&record);
}

static void other_format(void **state)
{
	struct record record = parse(slice_of("format=3\nrun=too-late\ndisabled=command-line\nstatus=0\n"));

	(void)state;
	assert_true(record.other_format);
	assert_true(record.decision.config.settings.off);
	assert_true(record.decision.machine.platform.settled);
	assert_int_equal(record.bad_lines, 0);
	record_done(&record);
}

/* A later row of a device replaces the one it has. */
static void said_twice(void **state)
{
	struct record record = parse(slice_of(GPU_ROW
					      "rule=a.conf:1 notes=no-reset\nstatus=0\n"
					      "device=0000:01:00.0 verdict=bind-failed driver=nvme rule=a.conf:1 "
					      "hotplug=yes\n"));
	const struct claim *claim = record.decision.matches.claims;

	(void)state;
	assert_int_equal(record.decision.matches.n_claims, 1);
	assert_int_equal(record.decision.machine.n_devices, 1);
	assert_int_equal(claim->verdict, V_BIND_FAILED);
	assert_true(claim->hotplugged && !claim->notes);
	assert_string_equal(record.decision.machine.devices[0].driver, "nvme");
	assert_int_equal(record.decision.machine.devices[0].group, NO_GROUP);
	record_done(&record);
}

/* The rescue's row changes two values of the device's own. */
static void rescued(void **state)
{
	struct record record = parse(slice_of(GPU_ROW
					      "rule=a.conf:1 taken=bound target=vfio-pci\nstatus=0\n"
					      "rescued=0000:01:00.0 driver=nvme\nrescued=0000:09:00.0 driver=x\n"));
	const struct claim *claim = record.decision.matches.claims;

	(void)state;
	assert_int_equal(claim->verdict, V_RESCUED);
	assert_true(claim->rescued && claim->taken == TAKEN_NOT);
	assert_string_equal(record.decision.machine.devices[0].driver, "nvme");
	assert_int_equal(record.decision.machine.devices[0].group, 14);
	/* Of a device that has no row it means nothing. */
	assert_int_equal(record.bad_lines, 1);
	assert_int_equal(record.first_bad, 4);
	record_done(&record);
}

static void damaged(void **state)
{
	static const struct {
		struct slice bytes;
		unsigned bad, first, claims;
		bool complete;
	} rows[] = {
		{ BYTES(""), 0, 0, 0, false },
		{ BYTES("format=2\nstatus=0"), 0, 0, 0, true },
		{ BYTES("a word of another version=1\nstatus=0\n"), 1, 1, 0, true },
		{ BYTES("other=1 more\nstatus=0\n"), 1, 1, 0, true },
		{ BYTES("other=1 more=2\nstatus=0\n"), 0, 0, 0, true },
		{ BYTES("status=0\ndevice=nonsense verdict=ready rule=a:1\n"), 1, 2, 0, true },
		{ BYTES(GPU_ROW "rule=a:1 group=x\n"), 0, 0, 1, false },
		{ BYTES("device=0000:01:00.0 group=x rule=a:1\n"), 1, 1, 1, false },
		{ BYTES(GPU_ROW "rule\n"), 1, 1, 0, false },
		{ BYTES(GPU_ROW "\n"), 1, 1, 0, false },
		{ BYTES("device=0000:01:00.0 id=10de:1b80:1:2 rule=a:1\n"), 1, 1, 1, false },
		{ BYTES("device=0000:01:00.0 verdict=new-word rule=a:1\n"), 0, 0, 1, false },
		{ BYTES("group=-1\ngroup=4 trial=new-word\n"), 1, 1, 0, false },
		{ BYTES("platform=iommu-active units=1,5\n"), 1, 1, 0, false },
		{ BYTES("status=999\n"), 1, 1, 0, false },
		{ BYTES("\0\377\n\nstatus=0\n"), 1, 1, 0, true },
		{ BYTES("device=0000:01:00.0 driver=\\x00\\x\\xg1 rule=\\\n"), 0, 0, 1, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct record record = parse(rows[i].bytes);
		char name[32];

		snprintf(name, sizeof(name), "row %zu", i);
		row_number(name, "bad lines", record.bad_lines, rows[i].bad);
		row_number(name, "first", record.first_bad, rows[i].first);
		row_number(name, "claims", (long long)record.decision.matches.n_claims, rows[i].claims);
		row_number(name, "complete", record.complete, rows[i].complete);
		record_done(&record);
	}
	rows_done();
}

/* A NUL that was escaped ends no string of ours. */
static void escapes(void **state)
{
	struct record record = parse(slice_of("device=0000:01:00.0 driver=a\\x00b\\x20\\x0ac rule=r\\x3a:1:2\n"));

	(void)state;
	assert_string_equal(record.decision.machine.devices[0].driver, "a?b \nc");
	assert_string_equal(record.decision.config.rules[0].origin.file, "r::1");
	assert_int_equal(record.decision.config.rules[0].origin.line, 2);
	record_done(&record);
}

/* What is written is read as it was, whatever bytes it has and however long it is. */
static void there_and_back(void **state)
{
	char file[256];
	struct rule rule = { .origin = { file, 3, 1 }, .selector_text = slice_of("10de:* \t\\x41\xff") };
	struct device device = { .address = { 0x10000, 0xe1, 0x1f, 7 }, .driver = "a b\\", .group = 0 };
	struct claim claim = { .verdict = V_READY, .previous_driver = "\x01=\n" };
	struct system sys = { .failures = { "sys/ x", EIO, 1 } };
	struct decision d = { .sys = &sys };
	struct buffer text = { .bytes = NULL };
	struct record_end end = { 7, 0, 1 };
	struct rule_result result = { .verdict = V_UNDECIDED };
	struct record record;

	(void)state;
	memset(file, 0xe4, sizeof(file) - 1);
	file[sizeof(file) - 1] = '\0';
	d.config.rules = &rule;
	d.config.n_rules = 1;
	d.machine.devices = &device;
	d.machine.n_devices = 1;
	d.machine.platform.cmdline = (char *)"";
	d.matches = (struct matches){ .claims = &claim, .n_claims = 1, .rule_results = &result };
	record_add_run(&text, &d, &end);
	assert_int_equal(text.error, 0);
	for (size_t i = 0; i < text.len; i++)
		assert_true(text.bytes[i] == '\n' || (text.bytes[i] >= ' ' && text.bytes[i] < 0x7f));
	record = parse((struct slice){ text.bytes, text.len });
	assert_int_equal(record.bad_lines, 0);
	assert_int_equal(record.decision.matches.n_claims, 1);
	assert_string_equal(record.decision.machine.devices[0].driver, "a b\\");
	assert_int_equal(record.decision.machine.devices[0].group, 0);
	assert_int_equal(address_compare(record.decision.machine.devices[0].address, device.address), 0);
	assert_string_equal(record.decision.matches.claims[0].previous_driver, "\x01=\n");
	assert_string_equal(record.decision.config.rules[0].origin.file, file);
	assert_true(slice_is(record.decision.config.rules[0].selector_text, "10de:* \t\\x41\xff"));
	assert_string_equal(record.unread.first, "sys/ x");
	record_done(&record);
	free(text.bytes);
}

static void noise_only(void **state)
{
	static const char words[] = GPU_ROW "rule=a:1\nneighbour=0000:01:00.1 group=9\nrule=\xff fits=1\nstatus=0\n";
	uint32_t seed = 42;

	(void)state;
	for (unsigned i = 0; i < 2000; i++) {
		char bytes[sizeof(words)];
		struct record record;

		memcpy(bytes, words, sizeof(words));
		for (unsigned j = 0; j < 4; j++)
			bytes[noise(&seed) % sizeof(bytes)] = (char)noise(&seed);
		record = parse((struct slice){ bytes, noise(&seed) % sizeof(bytes) });
		assert_true(record.decision.matches.n_claims <= 3);
		record_done(&record);
	}
}

/* However many devices and lines: the number is limited, and the rest is reported as bad. */
static void endless(void **state)
{
	size_t n = 10000, size = n * 80;
	char *bytes = malloc(size), *end = bytes;
	struct record record;

	(void)state;
	assert_non_null(bytes);
	for (size_t i = 0; i < n; i++)
		end += sprintf(end, "device=0000:%02zx:%02zx.%zx rule=earlybind.conf:%zu\n", i >> 8, i >> 3 & 0x1f,
			       i & 7, i % 5000);
	record = parse((struct slice){ bytes, (size_t)(end - bytes) });
	assert_int_equal(record.decision.machine.n_devices, 8192);
	assert_int_equal(record.decision.config.n_rules, CONFIG_RULES_MAX);
	assert_int_equal(record.bad_lines, n - record.decision.matches.n_claims);
	assert_true(record.bad_lines >= n - 8192);
	record_done(&record);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),   cmocka_unit_test(other_format),   cmocka_unit_test(said_twice),
		cmocka_unit_test(rescued), cmocka_unit_test(damaged),	     cmocka_unit_test(escapes),
		cmocka_unit_test(endless), cmocka_unit_test(there_and_back), cmocka_unit_test(noise_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
