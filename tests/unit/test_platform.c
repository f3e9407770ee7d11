/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is the IOMMU active, and if not, what is to blame? And the words of all verdicts. */
#include "unit.h"

#include <ctype.h>
#include <stdlib.h>

#include "decide/verify.h"

static void verdicts_and_culprits(void **state)
{
	static const struct {
		unsigned units, tables;
		const char *cmdline;
		enum verdict verdict;
		const char *culprit;
	} rows[] = {
		/* what the kernel runs counts, not what was asked for */
		{ 1, ACPI_DMAR, "quiet", V_IOMMU_ACTIVE, NULL },
		{ 1, ACPI_DMAR, "intel_iommu=off", V_IOMMU_ACTIVE, NULL },
		{ 2, ACPI_IVRS, "intel_iommu=on", V_IOMMU_ACTIVE, NULL },
		{ 1, 0, "", V_IOMMU_ACTIVE, NULL },
		/* no table */
		{ 0, 0, "quiet", V_IOMMU_NO_TABLE, NULL },
		{ 0, 0, "intel_iommu=on iommu=pt", V_IOMMU_NO_TABLE, "intel_iommu=on" },
		{ 0, 0, "amd_iommu=on", V_IOMMU_NO_TABLE, "amd_iommu=on" },
		{ 0, 0, "amd_iommu=force_enable", V_IOMMU_NO_TABLE, "amd_iommu=force_enable" },
		{ 0, 0, "amd_iommu=on intel_iommu=on", V_IOMMU_NO_TABLE, "intel_iommu=on" },
		/* with no table an off is not what is in the way */
		{ 0, 0, "iommu=off", V_IOMMU_NO_TABLE, NULL },
		/* off */
		{ 0, ACPI_DMAR, "intel_iommu=off", V_IOMMU_OFF, "intel_iommu=off" },
		{ 0, ACPI_DMAR, "intel_iommu=sm_on,off", V_IOMMU_OFF, "intel_iommu=off" },
		{ 0, ACPI_DMAR, "intel_iommu=on intel_iommu=off", V_IOMMU_OFF, "intel_iommu=off" },
		{ 0, ACPI_DMAR, "intel_iommu=off intel_iommu=igfx_off", V_IOMMU_OFF, "intel_iommu=off" },
		/* the kernel goes through all of them; only intel_iommu can be switched on again */
		{ 0, ACPI_DMAR, "iommu=off intel_iommu=on iommu=pt", V_IOMMU_OFF, "iommu=off" },
		{ 0, ACPI_IVRS, "amd_iommu=off amd_iommu=on", V_IOMMU_OFF, "amd_iommu=off" },
		{ 0, ACPI_DMAR, "intel_iommu=off intel_iommu=on", V_IOMMU_FAILED, "intel_iommu=on" },
		{ 0, ACPI_DMAR, "intel_iommu=on iommu=off", V_IOMMU_OFF, "iommu=off" },
		{ 0, ACPI_IVRS, "amd_iommu=off", V_IOMMU_OFF, "amd_iommu=off" },
		{ 0, ACPI_IVRS, "iommu=soft,off", V_IOMMU_OFF, "iommu=off" },
		{ 0, ACPI_IORT, "iommu=off", V_IOMMU_OFF, "iommu=off" },
		/* the other vendor's off does nothing */
		{ 0, ACPI_DMAR, "amd_iommu=off", V_IOMMU_NOT_ENABLED, NULL },
		{ 0, ACPI_IVRS, "intel_iommu=off", V_IOMMU_FAILED, NULL },
		/* waiting for its parameter */
		{ 0, ACPI_DMAR, "", V_IOMMU_NOT_ENABLED, NULL },
		{ 0, ACPI_DMAR, "iommu=pt", V_IOMMU_NOT_ENABLED, NULL },
		{ 0, ACPI_DMAR, "xintel_iommu=on intel_iommux=on", V_IOMMU_NOT_ENABLED, NULL },
		{ 0, ACPI_DMAR, "quiet -- intel_iommu=on", V_IOMMU_NOT_ENABLED, NULL },
		/* the other vendor's parameter */
		{ 0, ACPI_DMAR, "amd_iommu=on", V_IOMMU_WRONG_PARAMETER, "amd_iommu=on" },
		{ 0, ACPI_DMAR, "amd_iommu=force_enable", V_IOMMU_WRONG_PARAMETER, "amd_iommu=force_enable" },
		/* nothing left to blame but the kernel or the firmware */
		{ 0, ACPI_DMAR, "intel_iommu=on", V_IOMMU_FAILED, "intel_iommu=on" },
		{ 0, ACPI_DMAR, "intel_iommu=on,sm_on amd_iommu=on", V_IOMMU_FAILED, "intel_iommu=on" },
		{ 0, ACPI_IVRS, "quiet", V_IOMMU_FAILED, NULL },
		{ 0, ACPI_IVRS, "amd_iommu=on", V_IOMMU_FAILED, "amd_iommu=on" },
		{ 0, ACPI_VIOT, "quiet", V_IOMMU_NO_DRIVER, NULL },
		{ 0, ACPI_RIMT, "quiet", V_IOMMU_FAILED, NULL },
		/* a parameter that this machine ignores is no cause */
		{ 0, ACPI_IVRS, "intel_iommu=on", V_IOMMU_FAILED, NULL },
		{ 0, ACPI_IORT, "amd_iommu=on intel_iommu=on", V_IOMMU_FAILED, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct platform p = { .units = rows[i].units, .tables = rows[i].tables };

		p.cmdline = strdup(rows[i].cmdline);
		assert_non_null(p.cmdline);
		row_string(rows[i].cmdline, "verdict", verdict_word(verify_platform(&p)),
			   verdict_word(rows[i].verdict));
		row_string(rows[i].cmdline, "culprit", verify_platform_culprit(&p), rows[i].culprit);
		free(p.cmdline);
	}
	rows_done();
}

static void kinds(void **state)
{
	static const struct {
		const char *unit, *kind;
		bool remaps;
	} rows[] = {
		{ "dmar0", "Intel VT-d", true },
		{ "dmar12", "Intel VT-d", true },
		{ "ivhd0", "AMD-Vi", true },
		{ "smmu3.0x0000000009050000", "Arm SMMUv3", false },
		{ "smmu.0x0000000012c00000", "Arm SMMU", false },
		{ "riscv-iommu@10010000", "RISC-V IOMMU", false },
		{ "0000:00:02.0", "virtio-iommu", false },
		{ "virtio0", "virtio-iommu", false },
		{ "something-new", "IOMMU", false },
		{ "", "IOMMU", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		row_string(rows[i].unit, "kind", iommu_kind(rows[i].unit), rows[i].kind);
		row_number(rows[i].unit, "remaps", iommu_remaps_separately(rows[i].unit), rows[i].remaps);
	}
	rows_done();
}

static void modules_wanted(void **state)
{
	static const struct {
		unsigned units, tables;
		bool planned, wanted;
	} rows[] = {
		{ 0, ACPI_VIOT, true, true },  { 0, ACPI_VIOT | ACPI_DMAR, true, true },
		{ 1, ACPI_VIOT, true, false }, { 0, ACPI_DMAR, true, false },
		{ 0, 0, true, false },	       { 0, ACPI_VIOT, false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct platform p = {
			.units = rows[i].units,
			.tables = rows[i].tables,
			.iommu_planned = rows[i].planned,
		};

		row_number("tables", "wants a module", iommu_wants_module(&p), rows[i].wanted);
	}
	rows_done();
}

/* --- verdicts --- */

static void words_are_stable(void **state)
{
	(void)state;
	for (int v = V_UNDECIDED + 1; v < V_COUNT; v++) {
		const char *word = verdict_word((enum verdict)v);
		size_t len;

		/* A verdict without a row has none of it. */
		row_number(word ? word : "(no row)", "has a word", word && word[0], true);
		if (!word)
			continue;
		len = strlen(word);
		row_number(word, "letters", (long long)strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-"),
			   (long long)len);
		row_number(word, "starts and ends with a letter or digit",
			   len && isalnum((unsigned char)word[0]) && isalnum((unsigned char)word[len - 1]), true);
		for (int other = V_UNDECIDED; other < v; other++)
			row_number(word, "is another one's too", !strcmp(word, verdict_word((enum verdict)other)),
				   false);
	}
	rows_done();
}

static void levels(void **state)
{
	(void)state;
	for (int v = V_UNDECIDED + 1; v < V_COUNT; v++) {
		bool good = v == V_READY || v == V_IOMMU_ACTIVE;
		const char *word = verdict_word((enum verdict)v), *remedy = verdict_remedy((enum verdict)v);

		row_number(word, "good", verdict_level((enum verdict)v) == LEVEL_GOOD, good);
		/* A remedy continues a sentence after "; ". */
		if (remedy)
			row_number(word, "remedy", remedy[0] && remedy[0] != ' ' && remedy[strlen(remedy) - 1] != '.',
				   true);
	}
	rows_done();
}

static void words_are_found_again(void **state)
{
	static const char *const others[] = { "", "undecided", "read", "readyy", "READY", " ready" };

	(void)state;
	for (int v = V_UNDECIDED + 1; v < V_COUNT; v++)
		assert_int_equal(verdict_of_word(slice_of(verdict_word((enum verdict)v))), v);
	for (size_t i = 0; i < COUNT_OF(others); i++)
		row_number(others[i], "is no verdict", verdict_of_word(slice_of(others[i])), V_UNKNOWN_WORD);
	rows_done();
}

static void remedies_by_case(void **state)
{
	const char *usual = verdict_remedy(V_IOMMU_NO_TABLE);

	(void)state;
	assert_string_not_equal(verdict_remedy_for(V_IOMMU_NO_TABLE, CASE_ARM), usual);
	assert_string_not_equal(verdict_remedy_for(V_IOMMU_NO_TABLE, CASE_DEVICE_TREE), usual);
	assert_string_equal(verdict_remedy_for(V_IOMMU_NO_TABLE, CASE_NO_SWITCH), usual);
	assert_string_not_equal(verdict_remedy_for(V_NO_INTERRUPT_REMAPPING, CASE_NO_SWITCH),
				verdict_remedy(V_NO_INTERRUPT_REMAPPING));
	assert_null(verdict_remedy_for(V_READY, CASE_ARM));
}

/* Notes are bits of one number. */
static void notes_fit(void **state)
{
	notes_t all = 0;

	(void)state;
	for (int v = V_UNDECIDED; v <= V_UNKNOWN_WORD; v++) {
		bool is_note = v >= V_FIRST_NOTE && v <= V_LAST_NOTE;

		assert_true((NOTE(v) != 0) == is_note);
		assert_true((all & NOTE(v)) == 0);
		all |= NOTE(v);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts_and_culprits), cmocka_unit_test(kinds),
		cmocka_unit_test(words_are_stable),	 cmocka_unit_test(levels),
		cmocka_unit_test(modules_wanted),	 cmocka_unit_test(notes_fit),
		cmocka_unit_test(words_are_found_again), cmocka_unit_test(remedies_by_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
