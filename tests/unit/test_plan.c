/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan: read with suspicion, since a damaged one must not lead the binder elsewhere. */
#include "unit.h"

#include <errno.h>

#include "config/plan.h"

static void a_whole_plan(void **state)
{
	static const char plan_text[] =
		"earlybind-plan 2\n"
		"kernel 6.1.0-37-amd64\n"
		"\n"
		"iommu virtio_iommu kernel/drivers/iommu/virtio-iommu.ko\n"
		"builtin irqbypass\n"
		"module vfio kernel/drivers/vfio/vfio.ko\n"
		"\tmodule vfio_pci  kernel/drivers/vfio/pci/vfio-pci.ko.xz\tdisable_vga=1  ids=a:b \r\n"
		"missing vfio_iommu_type1";
	static const struct {
		enum plan_kind kind;
		const char *name, *path, *options;
	} rows[] = {
		{ PLAN_IOMMU, "virtio_iommu", "kernel/drivers/iommu/virtio-iommu.ko", "" },
		{ PLAN_BUILTIN, "irqbypass", "", "" },
		{ PLAN_MODULE, "vfio", "kernel/drivers/vfio/vfio.ko", "" },
		{ PLAN_MODULE, "vfio_pci", "kernel/drivers/vfio/pci/vfio-pci.ko.xz", "disable_vga=1  ids=a:b" },
		{ PLAN_MISSING, "vfio_iommu_type1", "", "" },
	};
	struct plan plan;

	(void)state;
	assert_int_equal(plan_parse(&plan, slice_of(plan_text)), 0);
	assert_string_equal(plan.kernel, "6.1.0-37-amd64");
	assert_int_equal(plan.bad_lines, 0);
	assert_int_equal(plan.n_modules, COUNT_OF(rows));
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		row_number(rows[i].name, "kind", plan.modules[i].kind, rows[i].kind);
		row_string(rows[i].name, "name", plan.modules[i].name, rows[i].name);
		row_string(rows[i].name, "path", plan.modules[i].path, rows[i].path);
		row_string(rows[i].name, "options", plan.modules[i].options, rows[i].options);
	}
	rows_done();
	assert_ptr_equal(plan_find(&plan, "vfio_pci"), &plan.modules[3]);
	assert_null(plan_find(&plan, "vfio-pci"));
	plan_done(&plan);
	assert_null(plan_find(&plan, "vfio_pci"));
}

static void variants(void **state)
{
	static const char plan_text[] = "earlybind-plan 2\n"
					"module vfio kernel/vfio.ko\n"
					"variant mlx5_vfio_pci mlx5_core kernel/mlx5_core.ko prof_sel=2\n"
					"variant mlx5_vfio_pci mlx5_vfio_pci kernel/mlx5-vfio-pci.ko.xz\n"
					"alias v000015B3d0000101Esv*sd*bc*sc*i* mlx5_vfio_pci\n"
					"\talias  v*d*sv*sd*bc01sc08i02 \t nvme_vfio_pci \r\n";
	struct plan plan;

	(void)state;
	assert_int_equal(plan_parse(&plan, slice_of(plan_text)), 0);
	assert_int_equal(plan.bad_lines, 0);
	assert_int_equal(plan.n_modules, 3);
	assert_int_equal(plan.modules[1].kind, PLAN_VARIANT);
	assert_string_equal(plan.modules[1].variant, "mlx5_vfio_pci");
	assert_string_equal(plan.modules[1].name, "mlx5_core");
	assert_string_equal(plan.modules[1].path, "kernel/mlx5_core.ko");
	assert_string_equal(plan.modules[1].options, "prof_sel=2");
	assert_string_equal(plan.modules[0].variant, "");
	assert_int_equal(plan.n_aliases, 2);
	assert_string_equal(plan.aliases[0].pattern, "v000015B3d0000101Esv*sd*bc*sc*i*");
	assert_string_equal(plan.aliases[0].module, "mlx5_vfio_pci");
	assert_string_equal(plan.aliases[1].pattern, "v*d*sv*sd*bc01sc08i02");
	assert_string_equal(plan.aliases[1].module, "nvme_vfio_pci");
	/* It is there for a variant only: nothing else may count on it. */
	assert_null(plan_find(&plan, "mlx5_core"));
	plan_done(&plan);
}

static void bad_variants(void **state)
{
	static const char *const lines[] = {
		"variant",
		"variant mlx5_vfio_pci",
		"variant mlx5_vfio_pci mlx5_core",
		"variant mlx5_vfio_pci mlx5_core /kernel/mlx5_core.ko",
		"variant mlx5_vfio_pci mlx5_core ../mlx5_core.ko",
		"variant mlx5/vfio mlx5_core kernel/mlx5_core.ko",
		"alias",
		"alias v000015B3d*sv*sd*bc*sc*i*",
		"alias vfio_pci",
		"alias v000015B3d*sv*sd*bc*sc*i* ../vfio",
		"alias v000015B3d*sv*sd*bc*sc*i* mlx5_vfio_pci more",
		"alias pci:v000015B3d*sv*sd*bc*sc*i* mlx5_vfio_pci",
		("alias "
		 "v000015B3d*sv*sd*bc*sc*i*000000000000000000000000000000000000000000000000000000000000000000000000"
		 "00000000000000000000000000000000 mlx5_vfio_pci"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(lines); i++) {
		struct plan plan;
		char text[512];

		snprintf(text, sizeof(text), "earlybind-plan 2\n%s\n", lines[i]);
		row_number(lines[i], "result", plan_parse(&plan, slice_of(text)), 0);
		row_number(lines[i], "bad lines", plan.bad_lines, 1);
		row_number(lines[i], "modules", (long long)plan.n_modules, 0);
		row_number(lines[i], "aliases", (long long)plan.n_aliases, 0);
		plan_done(&plan);
	}
	rows_done();
}

static void too_many_aliases(void **state)
{
	static char text[64 * (PLAN_ALIASES_MAX + 2)];
	char *at = text + sprintf(text, "earlybind-plan 2\n");
	struct plan plan;

	(void)state;
	for (unsigned i = 0; i <= PLAN_ALIASES_MAX; i++)
		at += sprintf(at, "alias v%08Xd*sv*sd*bc*sc*i* some_vfio_pci\n", i);
	assert_int_equal(plan_parse(&plan, slice_of(text)), 0);
	assert_int_equal(plan.n_aliases, PLAN_ALIASES_MAX);
	assert_int_equal(plan.bad_lines, 1);
	plan_done(&plan);
}

static void versions(void **state)
{
	static const struct {
		struct slice bytes;
		int want;
	} rows[] = {
		{ BYTES("earlybind-plan 2"), 0 },
		{ BYTES("earlybind-plan 2\n"), 0 },
		{ BYTES("earlybind-plan\t2 \r\n"), 0 },
		{ BYTES("earlybind-plan 1\nmodule vfio a.ko\n"), -EPROTONOSUPPORT },
		{ BYTES("earlybind-plan 0\n"), -EPROTONOSUPPORT },
		{ BYTES("earlybind-plan 2 2\n"), -EPROTONOSUPPORT },
		{ BYTES("earlybind-plan 4294967298\n"), -EPROTONOSUPPORT },
		{ BYTES("earlybind-plan -1\n"), -EPROTONOSUPPORT },
		{ BYTES("earlybind-plan\n"), -EPROTONOSUPPORT },
		{ BYTES("earlybind-plan2\n"), -EPROTONOSUPPORT },
		{ BYTES("\nearlybind-plan 2\n"), -EPROTONOSUPPORT },
		{ BYTES("\xef\xbb\xbf"
			"earlybind-plan 2\n"),
		  -EPROTONOSUPPORT },
		{ BYTES("module vfio a.ko\n"), -EPROTONOSUPPORT },
		{ BYTES(""), -EPROTONOSUPPORT },
		{ BYTES("\0"), -EPROTONOSUPPORT },
		{ { NULL, 0 }, -EPROTONOSUPPORT },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct plan plan;

		memset(&plan, 0xaa, sizeof(plan));
		row_number(rows[i].bytes.at, "result", plan_parse(&plan, rows[i].bytes), rows[i].want);
		row_number(rows[i].bytes.at, "modules", (long long)plan.n_modules, 0);
		plan_done(&plan);
	}
	rows_done();
}

#define NAME_63 "a23456789b23456789c23456789d23456789e23456789f23456789g23456789"
#define PATH_255 NAME_63 "/" NAME_63 "/" NAME_63 "/" NAME_63

static void bad_lines(void **state)
{
	static const struct {
		struct slice line;
		bool ok;
	} rows[] = {
		{ BYTES("module vfio vfio.ko"), true },
		{ BYTES("module vfio a/..b/c..ko"), true },
		{ BYTES("module " NAME_63 " x.ko"), true },
		{ BYTES("module vfio " PATH_255), true },
		{ BYTES("builtin vfio"), true },
		{ BYTES("iommu vfio a/b.ko"), true },
		{ BYTES("iommu vfio"), false },
		{ BYTES("iommu vfio ../b.ko"), false },
		{ BYTES("missing vfio"), true },
		{ BYTES("module"), false },
		{ BYTES("module vfio"), false },
		{ BYTES("module vfio /lib/modules/evil.ko"), false },
		{ BYTES("module vfio .."), false },
		{ BYTES("module vfio ../evil.ko"), false },
		/* found by fuzzing: as a string this ends after the dots */
		{ BYTES("module vfio ..\0/evil.ko"), false },
		{ BYTES("module vfio a.ko x=1\0y"), false },
		{ BYTES("module vfio a/../evil.ko"), false },
		{ BYTES("module vfio a/.."), false },
		{ BYTES("module ../vfio vfio.ko"), false },
		{ BYTES("module vf/io vfio.ko"), false },
		{ BYTES("module vf\0io vfio.ko"), false },
		{ BYTES("module " NAME_63 "h x.ko"), false },
		{ BYTES("module vfio " PATH_255 "x"), false },
		{ BYTES("builtin"), false },
		{ BYTES("missing a.b"), false },
		{ BYTES("need root 01:00.0 144d:a808 / on sda"), false },
		{ BYTES("need root 0000:01:00.0 144d:a808"), false },
		{ BYTES("need root 0000:01:00.0 144d:a808  "), false },
		{ BYTES("need root 0000:01:00.0 144d / on sda"), false },
		{ BYTES("need root 0000:01:00.0 *:* / on sda"), false },
		{ BYTES("need root ../../01:00.0 144d:a808 / on sda"), false },
		{ BYTES("need root"), false },
		{ BYTES("need cause 0000:01:00.0 144d:a808 / on sda"), false },
		{ BYTES("need in-use 0000:01:00.0 144d:a808 /srv on sda"), false },
		{ BYTES("need unknown 0000:01:00.0 144d:a808 / on rpool"), false },
		{ BYTES("need unknown - 144d:a808 / on rpool"), false },
		{ BYTES("need unknown - -"), false },
		{ BYTES("need root - - / on rpool"), false },
		{ BYTES("root 0000:01:00.0 144d:a808 / on sda"), false },
		{ BYTES("modules vfio vfio.ko"), false },
		{ BYTES("alias a b"), false },
		{ BYTES("\x7f\x45LF"), false },
	};

	(void)state;
	assert_int_equal(strlen(PATH_255), PLAN_PATH_SIZE - 1);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		static const char head[] = "earlybind-plan 2\n", tail[] = "\nbuiltin last\n";
		struct slice line = rows[i].line;
		char bytes[512];
		struct plan plan;
		size_t len = 0;

		memcpy(bytes, head, sizeof(head) - 1);
		len += sizeof(head) - 1;
		memcpy(bytes + len, line.at, line.len);
		len += line.len;
		memcpy(bytes + len, tail, sizeof(tail) - 1);
		len += sizeof(tail) - 1;
		row_number(line.at, "result", plan_parse(&plan, (struct slice){ bytes, len }), 0);
		row_number(line.at, "bad lines", plan.bad_lines, rows[i].ok ? 0 : 1);
		row_number(line.at, "modules", (long long)plan.n_modules, rows[i].ok ? 2 : 1);
		row_number(line.at, "goes on", plan_find(&plan, "last") != NULL, true);
		plan_done(&plan);
	}
	rows_done();
}

static size_t repeat(char *to, const char *what, size_t n)
{
	size_t len = strlen(to), size = strlen(what);

	for (size_t i = 0; i < n; i++, len += size)
		memcpy(to + len, what, size + 1);
	return len;
}

static void bounds(void **state)
{
	static char bytes[16 * 1024];
	struct plan plan;

	(void)state;
	/* kernel */
	strcpy(bytes, "earlybind-plan 2\nkernel ");
	repeat(bytes, "k", RELEASE_SIZE - 1);
	assert_int_equal(plan_parse(&plan, slice_of(bytes)), 0);
	assert_int_equal(strlen(plan.kernel), RELEASE_SIZE - 1);
	assert_int_equal(plan.bad_lines, 0);
	plan_done(&plan);
	repeat(bytes, "k", 1);
	assert_int_equal(plan_parse(&plan, slice_of(bytes)), 0);
	assert_int_equal(plan.bad_lines, 1);
	assert_string_equal(plan.kernel, "");
	plan_done(&plan);
	/* options: dropped whole, not cut, when they are too long */
	strcpy(bytes, "earlybind-plan 2\nmodule vfio v.ko ");
	repeat(bytes, "o", PLAN_OPTIONS_SIZE - 1);
	assert_int_equal(plan_parse(&plan, slice_of(bytes)), 0);
	assert_int_equal(strlen(plan.modules[0].options), PLAN_OPTIONS_SIZE - 1);
	plan_done(&plan);
	repeat(bytes, "o", 1);
	assert_int_equal(plan_parse(&plan, slice_of(bytes)), 0);
	assert_int_equal(plan.n_modules, 0);
	assert_int_equal(plan.bad_lines, 1);
	plan_done(&plan);
	/* modules */
	strcpy(bytes, "earlybind-plan 2\n");
	repeat(bytes, "builtin vfio\n", PLAN_MODULES_MAX + 3);
	assert_int_equal(plan_parse(&plan, slice_of(bytes)), 0);
	assert_int_equal(plan.n_modules, PLAN_MODULES_MAX);
	assert_int_equal(plan.bad_lines, 3);
	plan_done(&plan);
}

static void needs(void **state)
{
	static char bytes[64 * 1024];
	struct plan plan;

	(void)state;
	strcpy(bytes, "earlybind-plan 2\n"
		      "need root 0000:01:00.0 144d:a808:144d:a801 / on nvme0n1p2, swap on dm-1 \r\n"
		      "need root 10000:e1:00.0 - /boot on nvme1n1p1\n");
	assert_int_equal(plan_parse(&plan, slice_of(bytes)), 0);
	assert_int_equal(plan.bad_lines, 0);
	assert_int_equal(plan.n_needs, 2);
	assert_string_equal(address_name(plan.needs[0].address).at, "0000:01:00.0");
	assert_int_equal(plan.needs[0].id.vendor, 0x144d);
	assert_int_equal(plan.needs[0].id.subdevice, 0xa801);
	assert_string_equal(plan.needs[0].what, "/ on nvme0n1p2, swap on dm-1");
	assert_string_equal(address_name(plan.needs[1].address).at, "10000:e1:00.0");
	assert_true(id_pattern_is_any(&plan.needs[1].id));
	plan_done(&plan);
	assert_int_equal(plan.n_needs, 0);
	/* a long text is cut, and the device protected nevertheless */
	strcpy(bytes, "earlybind-plan 2\nneed root 0000:01:00.0 144d:a808 ");
	repeat(bytes, "w", PLAN_WHAT_SIZE + 50);
	assert_int_equal(plan_parse(&plan, slice_of(bytes)), 0);
	assert_int_equal(plan.n_needs, 1);
	assert_int_equal(strlen(plan.needs[0].what), PLAN_WHAT_SIZE - 1);
	plan_done(&plan);
	/* so many and no more */
	strcpy(bytes, "earlybind-plan 2\n");
	repeat(bytes, "need root 0000:01:00.0 144d:a808 /\n", PLAN_NEEDS_MAX + 2);
	assert_int_equal(plan_parse(&plan, slice_of(bytes)), 0);
	assert_int_equal(plan.n_needs, PLAN_NEEDS_MAX);
	assert_int_equal(plan.bad_lines, 2);
	plan_done(&plan);
}

static void garbage(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 2000; seed++) {
		static const char head[] = "earlybind-plan 2\nmodule vfio ";
		uint32_t s = seed * 2654435761u | 1;
		size_t len = sizeof(head) - 1 + noise(&s) % 500;
		char *bytes = malloc(len);
		struct plan plan;

		assert_non_null(bytes);
		memcpy(bytes, head, sizeof(head) - 1);
		for (size_t i = sizeof(head) - 1; i < len; i++)
			bytes[i] = (char)noise(&s);
		assert_int_equal(plan_parse(&plan, (struct slice){ bytes, len }), 0);
		for (size_t i = 0; i < plan.n_modules; i++) {
			assert_int_not_equal(plan.modules[i].path[0], '/');
			assert_true(slice_is_name(slice_of(plan.modules[i].name)));
		}
		plan_done(&plan);
		free(bytes);
	}
}

/* What is printed is parsed as the same, whatever it holds. */
static void printing(void **state)
{
	static const char text[] = "earlybind-plan 2\n"
				   "kernel 6.1.0-37-amd64\n"
				   "module vfio kernel/drivers/vfio/vfio.ko\n"
				   "module vfio_pci kernel/drivers/vfio/pci/vfio-pci.ko disable_vga=1 ids=\"a b\"\n"
				   "builtin irqbypass\n"
				   "missing vfio_iommu_type1\n"
				   "iommu virtio_iommu kernel/drivers/iommu/virtio-iommu.ko\n"
				   "need root 0000:00:1d.0 144d:a808:144d:a801 / on nvme0n1p2, swap on nvme0n1p3\n"
				   "need mount 10000:e1:00.0 - /home\n"
				   "need network 0000:00:1f.6 8086:* default route over eno1\n"
				   "need keyboard 0000:00:14.0 8086:a12f the only keyboard, for the passphrase of c\n"
				   "need unknown - - / on rpool/ROOT/pve-1: no disk of the pool is known\n"
				   "driver 8086:51ef:f111:0002 050000 none\n"
				   "driver 10de:1b80:1043:85aa 030000 blacklisted nouveau,nvidia\n"
				   "driver 8086:3b32:0000:0000 118000 expected intel_ips intel ips\n"
				   "variant mlx5_vfio_pci mlx5_core kernel/drivers/net/mlx5_core.ko probe_vf=0\n"
				   "variant mlx5_vfio_pci mlx5_vfio_pci kernel/drivers/vfio/pci/mlx5-vfio-pci.ko\n"
				   "alias v000015B3d0000101Esv*sd*bc*sc*i* mlx5_vfio_pci\n";
	struct buffer printed = { .bytes = NULL };
	struct plan plan;

	(void)state;
	assert_int_equal(plan_parse(&plan, slice_of(text)), 0);
	assert_int_equal(plan.bad_lines, 0);
	plan_format(&plan, &printed);
	assert_int_equal(printed.error, 0);
	row_text("plan", "printed", (struct slice){ printed.bytes, printed.len }, text);
	buffer_done(&printed);
	plan_done(&plan);
	rows_done();
}

/* Options may be longer than any line of the log. */
static void printing_long_options(void **state)
{
	static char text[16 * 1024] = "earlybind-plan 2\nkernel 6.1\nmodule vfio v.ko ";
	struct buffer printed = { .bytes = NULL };
	struct plan plan;

	(void)state;
	repeat(text, "o", PLAN_OPTIONS_SIZE - 1);
	repeat(text, "\n", 1);
	assert_int_equal(plan_parse(&plan, slice_of(text)), 0);
	plan_format(&plan, &printed);
	row_text("plan", "printed", (struct slice){ printed.bytes, printed.len }, text);
	buffer_done(&printed);
	plan_done(&plan);
	rows_done();
}

static void drivers(void **state)
{
	static const struct {
		const char *line;
		bool ok;
		enum prospect prospect;
		const char *modules, *driver;
	} rows[] = {
		{ "driver 8086:51ef:f111:0002 050000 none", true, PROSPECT_NONE, "", "" },
		{ "driver 10de:1b80:0000:0000 30000 blacklisted nouveau", true, PROSPECT_BLACKLISTED, "nouveau", "" },
		{ "driver 1022:15e2:0000:0000 048000 declined a,b a", true, PROSPECT_DECLINED, "a,b", "a" },
		{ "driver 8086:3b32:0000:0000 118000 expected intel_ips intel ips ", true, PROSPECT_EXPECTED,
		  "intel_ips", "intel ips" },
		{ "driver 8086:191f:0000:0000 060000 expected - skl_uncore", true, PROSPECT_EXPECTED, "-",
		  "skl_uncore" },
		{ "driver 8086:191f:0000:0000 060000 expected a,-", true, PROSPECT_EXPECTED, "a,-", "" },
		{ "driver 8086:191f:0000:0000 060000 perhaps a", false, 0, "", "" },
		{ "driver 8086:191f:0000:0000 060000", false, 0, "", "" },
		{ "driver 8086:191f:0000:0000", false, 0, "", "" },
		{ "driver 8086:191f:0000:0000 0600000 none", false, 0, "", "" },
		{ "driver 8086:191f:0000:* 060000 none", false, 0, "", "" },
		{ "driver 8086:191f:*:0000 060000 none", false, 0, "", "" },
		{ "driver 8086:*:0000:0000 060000 none", false, 0, "", "" },
		{ "driver *:191f:0000:0000 060000 none", false, 0, "", "" },
		{ "driver 8086:191f 060000 none", false, 0, "", "" },
		{ "driver 8086:191f:0000:0000 060000 expected a, a", false, 0, "", "" },
		{ "driver 8086:191f:0000:0000 060000 expected ../a a", false, 0, "", "" },
		{ "driver 8086:191f:0000:0000 060000 expected a a" NAME_63, false, 0, "", "" },
		{ "driver 8086:191f:0000:0000 060000 expected " NAME_63 "," NAME_63 ",a a", false, 0, "", "" },
		{ "driver", false, 0, "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct plan plan;
		char text[512];

		snprintf(text, sizeof(text), "earlybind-plan 2\n%s\n", rows[i].line);
		assert_int_equal(plan_parse(&plan, slice_of(text)), 0);
		row_number(rows[i].line, "bad", plan.bad_lines, !rows[i].ok);
		row_number(rows[i].line, "drivers", (long long)plan.n_drivers, rows[i].ok);
		if (plan.n_drivers) {
			row_number(rows[i].line, "prospect", plan.drivers[0].prospect, rows[i].prospect);
			row_string(rows[i].line, "modules", plan.drivers[0].modules, rows[i].modules);
			row_string(rows[i].line, "driver", plan.drivers[0].driver, rows[i].driver);
			assert_ptr_equal(plan_find_prospect(&plan, &plan.drivers[0].identity), &plan.drivers[0]);
		}
		plan_done(&plan);
	}
	rows_done();
}

/* Every part of an identity tells devices apart. */
static void drivers_by_identity(void **state)
{
	const struct identity id = { 0x8086, 0x51ef, 0xf111, 2, 0x050000 };
	struct identity others[] = { id, id, id, id, id };
	struct plan plan;

	(void)state;
	assert_int_equal(plan_parse(&plan, slice_of("earlybind-plan 2\ndriver 8086:51ef:f111:0002 050000 none\n")), 0);
	assert_non_null(plan_find_prospect(&plan, &id));
	others[0].vendor++;
	others[1].device++;
	others[2].subvendor++;
	others[3].subdevice++;
	others[4].class ++;
	for (size_t i = 0; i < COUNT_OF(others); i++)
		assert_null(plan_find_prospect(&plan, &others[i]));
	plan_done(&plan);
}

static void too_many_drivers(void **state)
{
	static char text[64 * PLAN_DRIVERS_MAX + 256] = "earlybind-plan 2\n";
	struct plan plan;

	(void)state;
	for (unsigned i = 0; i <= PLAN_DRIVERS_MAX; i++)
		snprintf(text + strlen(text), 64, "driver 8086:%04x:0000:0000 020000 none\n", i);
	assert_int_equal(plan_parse(&plan, slice_of(text)), 0);
	assert_int_equal(plan.n_drivers, PLAN_DRIVERS_MAX);
	assert_int_equal(plan.bad_lines, 1);
	plan_done(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_plan),
		cmocka_unit_test(versions),
		cmocka_unit_test(bad_lines),
		cmocka_unit_test(bounds),
		cmocka_unit_test(printing),
		cmocka_unit_test(printing_long_options),
		cmocka_unit_test(needs),
		cmocka_unit_test(drivers),
		cmocka_unit_test(drivers_by_identity),
		cmocka_unit_test(too_many_drivers),
		cmocka_unit_test(garbage),
		cmocka_unit_test(variants),
		cmocka_unit_test(bad_variants),
		cmocka_unit_test(too_many_aliases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
