/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel says of a device: its directory's name and its modalias; and what a person writes for either. */
#include "base/address.h"
#include "config/selector.h"
#include "fuzz.h"

static void check_name(struct slice t)
{
	struct address address, again;

	if (!address_from_name(t, &address))
		return;
	MUST(address.device < 32 && address.function < 8);
	/* The output is the input, except for upper case and leading zeros of a long domain. */
	MUST(address_from_name(slice_of(address_name(address).at), &again));
	MUST(address_compare(address, again) == 0 && address_same_slot(address, again));
}

static void check_modalias(struct slice t)
{
	struct identity identity;

	if (identity_from_modalias(t, &identity))
		MUST(identity.class <= 0xffffff);
}

static void check_selector(struct slice t)
{
	struct complaint complaint = { 0 };
	struct selector selector;

	if (selector_parse(t, &selector, &complaint)) {
		MUST(selector.n_hops <= HOPS_MAX);
		MUST((selector.kind == SELECT_PATH) == (selector.n_hops > 0));
		MUST(selector.kind != SELECT_ID || !id_pattern_is_any(&selector.id));
	} else {
		MUST(complaint.what && complaint.at <= t.len && complaint.len <= t.len - complaint.at);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(data, size);
	struct slice t = { copy, size };

	check_name(t);
	check_modalias(t);
	check_selector(t);
	free(copy);
	return 0;
}
