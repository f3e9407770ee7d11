/* SPDX-License-Identifier: GPL-2.0-or-later */
/* driver=auto: which alias fits a device, and which a line can mean at all. */
#include <stdlib.h>

#include "unit.h"

#include "decide/variant.h"

/* As the kernels 6.12 to 7.1 have them, with the generic one that every device fits left out. */
static struct plan_alias aliases[] = {
	{ "v000015B3d0000101Esv*sd*bc*sc*i*", "mlx5_vfio_pci" },
	{ "v000019E5d0000A251sv*sd*bc*sc*i*", "hisi_acc_vfio_pci" },
	{ "v000019E5d0000A256sv*sd*bc*sc*i*", "hisi_acc_vfio_pci" },
	{ "v00001DD8d00001003sv*sd*bc*sc*i*", "pds_vfio_pci" },
	{ "v00001AF4d00001041sv*sd*bc*sc*i*", "virtio_vfio_pci" },
	{ "v000010DEd00002342sv*sd*bc*sc*i*", "nvgrace_gpu_vfio_pci" },
	/* None of theirs, but what the rules allow. */
	{ "v00008086d*sv*sd*bc02sc*i*", "wide_vfio_pci" },
	{ "v00008086d000010D3sv*sd*bc02sc*i*", "narrow_vfio_pci" },
	{ "v00008086d000010D3sv*sd*bc02sc*i*", "second_vfio_pci" },
	{ "v*d*sv00001043sd000085A[AB]bc*sc*i*", "brackets_vfio_pci" },
	{ "v0000144Dd0000A80?sv*sd*bc01sc08i02", "question_vfio_pci" },
};

static const struct plan plan = { .aliases = aliases, .n_aliases = COUNT_OF(aliases) };

static void best(void **state)
{
	static const struct {
		struct identity identity;
		const char *module;
	} rows[] = {
		{ { 0x15b3, 0x101e, 0x15b3, 0x0083, 0x020000 }, "mlx5_vfio_pci" },
		{ { 0x15b3, 0x101d, 0x15b3, 0x0083, 0x020000 }, NULL },
		{ { 0x19e5, 0xa256, 0, 0, 0x100000 }, "hisi_acc_vfio_pci" },
		{ { 0x1af4, 0x1041, 0x1af4, 0x1100, 0x020000 }, "virtio_vfio_pci" },
		/* the fewest stars; of as many the first */
		{ { 0x8086, 0x10d3, 0, 0, 0x020000 }, "narrow_vfio_pci" },
		{ { 0x8086, 0x10d4, 0, 0, 0x020000 }, "wide_vfio_pci" },
		{ { 0x8086, 0x10d3, 0, 0, 0x030000 }, NULL },
		{ { 0x10de, 0x1b80, 0x1043, 0x85aa, 0x030000 }, "brackets_vfio_pci" },
		{ { 0x10de, 0x1b80, 0x1043, 0x85ac, 0x030000 }, NULL },
		{ { 0x144d, 0xa808, 0x144d, 0xa801, 0x010802 }, "question_vfio_pci" },
		{ { 0xffff, 0xffff, 0xffff, 0xffff, 0xffffff }, NULL },
		{ { 0, 0, 0, 0, 0 }, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct plan_alias *alias = variant_find(&plan, &rows[i].identity);
		char name[32];

		snprintf(name, sizeof(name), "%04x:%04x", rows[i].identity.vendor, rows[i].identity.device);
		row_string(name, "module", alias ? alias->module : NULL, rows[i].module);
	}
	rows_done();
}

static void may_fit(void **state)
{
	static const char mlx5[] = "v000015B3d0000101Esv*sd*bc*sc*i*";
	static const char narrow[] = "v00008086d000010D3sv00008086sd00000001bc02sc00i00";
	static const struct {
		const char *line, *pattern;
		bool may;
	} rows[] = {
		{ "15b3:101e driver=auto", mlx5, true },
		{ "15b3:101d driver=auto", mlx5, false },
		{ "15b3:* driver=auto", mlx5, true },
		{ "15b3:101e:1234 driver=auto", mlx5, true },
		{ "01:00.0 driver=auto", mlx5, true },
		{ "01:00.0 id=15b3:101e driver=auto", mlx5, true },
		{ "01:00.0 id=10de:1b80 driver=auto", mlx5, false },
		{ "00:1c.0/00.0 id=10de:1b80 driver=auto", mlx5, false },
		{ "class=02 driver=auto", mlx5, true },
		{ "8086:10d3 driver=auto", narrow, true },
		{ "8086:10d3:8086:0001 driver=auto", narrow, true },
		{ "8086:10d3:8086:0002 driver=auto", narrow, false },
		{ "8086:10d3:1043 driver=auto", narrow, false },
		{ "class=02 driver=auto", narrow, true },
		{ "class=0200 driver=auto", narrow, true },
		{ "class=020000 driver=auto", narrow, true },
		{ "class=020001 driver=auto", narrow, false },
		{ "class=0280 driver=auto", narrow, false },
		{ "class=03 driver=auto", narrow, false },
		{ "8086:10d3 class=03 driver=auto", narrow, false },
		/* what is not understood may fit */
		{ "10de:1b80 driver=auto", "v000015B[3-5]d*sv*sd*bc*sc*i*", true },
		{ "10de:1b80 driver=auto", "v", true },
		{ "10de:1b80 driver=auto", "", true },
		{ "10de:1b80 driver=auto", "v000110DEd00001B81sv*sd*bc*sc*i*", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct config config;

		config_init(&config);
		assert_int_equal(config_parse(&config, "x", slice_of(rows[i].line)), 0);
		assert_int_equal(config.n_rules, 1);
		row_number(rows[i].line, rows[i].pattern, variant_may_fit(&config.rules[0], slice_of(rows[i].pattern)),
			   rows[i].may);
		config_done(&config);
	}
	rows_done();
}

/* Whatever stands there, and cut anywhere: no byte beyond it is read (the sanitizer watches). */
static void garbage(void **state)
{
	static const char alphabet[] = "vdsbci*0F[]?-\xff";
	struct config config;
	uint32_t seed = 7;

	(void)state;
	config_init(&config);
	assert_int_equal(config_parse(&config, "x", slice_of("10de:1b80 driver=auto")), 0);
	for (unsigned n = 0; n < 20000; n++) {
		size_t len = noise(&seed) % 24;
		char *bytes = malloc(len + 1);

		assert_non_null(bytes);
		for (size_t i = 0; i < len; i++)
			bytes[i] = alphabet[noise(&seed) % (sizeof(alphabet) - 1)];
		bytes = realloc(bytes, len ? len : 1);
		variant_may_fit(&config.rules[0], (struct slice){ bytes, len });
		free(bytes);
	}
	config_done(&config);
}

static void choosing(void **state)
{
	static const struct {
		const char *line;
		enum verdict verdict;
		const char *driver; /* that has it */
		const char *variant, *chosen;
		uint16_t id; /* of the device, if it is not 101e */
	} rows[] = {
		{ "01:00.0 driver=auto", V_UNDECIDED, "", "mlx5_vfio_pci", "vfio-pci", 0 },
		{ "01:00.0", V_UNDECIDED, "", NULL, "vfio-pci", 0 },
		{ "01:00.0 driver=xe-vfio-pci", V_UNDECIDED, "", NULL, "xe-vfio-pci", 0 },
		{ "01:00.0 driver=auto", V_SKIPPED, "", NULL, "vfio-pci", 0 },
		{ "01:00.0 driver=auto", V_UNDECIDED, "vfio-pci", "mlx5_vfio_pci", "vfio-pci", 0 },
		{ "01:00.0 driver=auto leave-bound", V_UNDECIDED, "vfio-pci", NULL, "vfio-pci", 0 },
		{ "01:00.0 driver=auto leave-bound", V_UNDECIDED, "mlx5-vfio-pci", NULL, "mlx5-vfio-pci", 0 },
		{ "01:00.0 driver=auto leave-bound", V_UNDECIDED, "", "mlx5_vfio_pci", "vfio-pci", 0 },
		{ "01:00.0 driver=auto", V_UNDECIDED, "", NULL, "vfio-pci", 0x101d },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct device device = { .identity = { 0x15b3, 0x101e, 0, 0, 0x020000 } };
		struct machine machine = { .devices = &device, .n_devices = 1 };
		struct claim claim = { .verdict = rows[i].verdict };
		struct matches matches = { .claims = &claim, .n_claims = 1 };
		struct config config;

		config_init(&config);
		assert_int_equal(config_parse(&config, "x", slice_of(rows[i].line)), 0);
		device.identity.device = rows[i].id ? rows[i].id : 0x101e;
		strcpy(device.driver, rows[i].driver);
		device.vfio = rows[i].driver[0];
		variant_choose(&config, &plan, &machine, &matches);
		row_string(rows[i].line, "variant", claim.variant, rows[i].variant);
		row_string(rows[i].line, "driver", claim_driver(&config, &claim), rows[i].chosen);
		config_done(&config);
	}
	rows_done();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(best),
		cmocka_unit_test(may_fit),
		cmocka_unit_test(garbage),
		cmocka_unit_test(choosing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
