/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The record back into what the run decided with. Nothing in it is trusted, and unknown words are passed over. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/paths.h"
#include "machine/enumerate.h"
#include "record/record.h"

#define DEVICES_MAX 8192
#define NO_RULE SIZE_MAX

/* --- words --- */

struct record_word {
	const char *key, *value;
};

/* One line, cut into words. */
struct record_row {
	size_t first, n; /* in the words */
	size_t rule;	 /* that it names, in the configuration, or NO_RULE */
	unsigned line;
	bool bad; /* it means nothing */
};

struct record_words {
	char *bytes; /* that the words are in; what was escaped is itself again */
	struct record_word *items;
	size_t n, room;
	struct record_row *rows;
	size_t n_rows, rows_room;
};

/* \xHH back to its byte, in place; what is not of that form stays as it is. */
static const char *unescape(char *at, size_t len)
{
	struct slice rest = { at, len };
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		uint32_t byte;
		char c = at[i];

		if (c == '\\' && i + 4 <= len && at[i + 1] == 'x' &&
		    slice_hex(slice_sub(rest, i + 2, i + 4), 2, &byte)) {
			c = (char)byte;
			i += 3;
		}
		/* A string ends at its NUL. */
		at[n++] = c ? c : '?';
	}
	at[n] = '\0';
	return at;
}

/* A word, with the byte after it to be overwritten. */
static int add_word(struct record_words *words, struct record_row *row, struct slice word)
{
	struct slice value = word, key = slice_cut(&value, '=');
	char *start = words->bytes + (word.at - words->bytes);
	int r;

	if (!value.at) {
		row->bad = true;
		return 0;
	}
	r = ARRAY_GROW(words->items, words->n, words->room);
	if (r < 0)
		return r;
	words->items[words->n++] = (struct record_word){
		.key = unescape(start, key.len),
		.value = unescape(start + key.len + 1, value.len),
	};
	row->n++;
	return 0;
}

static int cut_into_words(struct record_words *words, size_t len)
{
	struct slice rest = { words->bytes, len };
	unsigned number = 0;
	int r = 0;

	while (rest.at && r == 0) {
		struct slice line = slice_cut(&rest, '\n'), word;
		struct record_row row = { .first = words->n, .rule = NO_RULE, .line = ++number };

		while (r == 0 && (word = slice_word(&line)).len) {
			/* The blank after the word becomes its NUL. */
			line = slice_sub(line, line.len > 0, line.len);
			r = add_word(words, &row, word);
		}
		if (r < 0 || (!row.n && !row.bad))
			continue;
		r = ARRAY_GROW(words->rows, words->n_rows, words->rows_room);
		if (r == 0)
			words->rows[words->n_rows++] = row;
	}
	return r;
}

static void words_free(struct record_words *words)
{
	if (!words)
		return;
	free(words->bytes);
	free(words->items);
	free(words->rows);
	free(words);
}

/* --- values; what cannot be one makes the row bad --- */

struct reader {
	struct record *record;
	const struct record_words *words;
	struct record_row *row;
};

static const char *find(const struct reader *in, const char *key)
{
	for (size_t i = 0; i < in->row->n; i++)
		if (!strcmp(in->words->items[in->row->first + i].key, key))
			return in->words->items[in->row->first + i].value;
	return NULL;
}

static const char *text(const struct reader *in, const char *key)
{
	const char *value = find(in, key);

	return value ? value : "";
}

static bool flag(const struct reader *in, const char *key)
{
	return !strcmp(text(in, key), "yes");
}

static unsigned number(struct reader *in, const char *key, uint32_t max)
{
	const char *value = find(in, key);
	uint32_t n = 0;

	if (value && !slice_decimal(slice_of(value), max, &n))
		in->row->bad = true;
	return n;
}

static int error_number(struct reader *in, const char *key)
{
	return (int)number(in, key, 4095);
}

static bool address(struct reader *in, const char *key, struct address *ret)
{
	const char *value = find(in, key);

	if (value && address_from_name(slice_of(value), ret))
		return true;
	in->row->bad |= value != NULL;
	return false;
}

static void store(struct reader *in, const char *key, char *to, size_t size)
{
	if (!slice_store(slice_of(text(in, key)), to, size)) {
		to[0] = '\0';
		in->row->bad = true;
	}
}

/* A text of the program's own, which messages print as it is: what cannot be part of one is "?". */
static const char *own_text(const struct reader *in, const char *key)
{
	const char *value = find(in, key);

	if (value)
		for (char *c = in->words->bytes + (value - in->words->bytes); *c; c++)
			if (*c < ' ' || *c > '~')
				*c = '?';
	return value;
}

/* The index of the value among WORDS, of which there are N; a word of another version is 0. */
static unsigned one_of(const struct reader *in, const char *key, const char *words, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (!strcmp(text(in, key), record_word(words, i)))
			return i;
	return 0;
}

static notes_t notes_of(struct slice list)
{
	notes_t notes = 0;

	while (list.at) {
		enum verdict v = verdict_of_word(slice_cut(&list, ','));

		notes |= NOTE(v);
	}
	return notes;
}

/* --- which devices and lines there are --- */

static int add_device(struct reader *in, const char *key)
{
	struct machine *machine = &in->record->decision.machine;
	struct device device = { .group = NO_GROUP };
	int r;

	if (!address(in, key, &device.address) || machine_device(machine, device.address))
		return 0;
	if (machine->n_devices == DEVICES_MAX) {
		in->row->bad = true;
		return 0;
	}
	r = ARRAY_GROW(machine->devices, machine->n_devices, machine->devices_room);
	if (r == 0)
		machine->devices[machine->n_devices++] = device;
	return r;
}

/* "earlybind.conf:3", or a file alone. */
static struct slice cut_origin(const char *value, unsigned *line)
{
	const char *colon = strrchr(value, ':');
	uint32_t n;

	*line = 0;
	if (!colon || !slice_decimal(slice_of(colon + 1), UINT32_MAX, &n))
		return slice_of(value);
	*line = n;
	return (struct slice){ value, (size_t)(colon - value) };
}

/*
 * The line that the row names, in FILE. The last one that fits: several
 * selectors of the command line have one origin, and of equal ones the last decides.
 */
static size_t find_rule(const struct reader *in, struct slice file, unsigned line)
{
	const struct config *config = &in->record->decision.config;
	const char *selector = text(in, "selector");

	for (size_t i = config->n_rules; i-- > 0;) {
		const struct rule *rule = &config->rules[i];

		if (rule->origin.line == line && slice_is(file, rule->origin.file) &&
		    (line || slice_is(rule->selector_text, selector)))
			return i;
	}
	return NO_RULE;
}

/* A line that is not in the saved configuration is known by what the record tells of it. */
static int add_rule(struct reader *in)
{
	struct config *config = &in->record->decision.config;
	struct rule rule = {
		.selector_text = slice_of(text(in, "selector")),
		.skip = flag(in, "skip"),
		.optional = flag(in, "optional"),
	};
	struct complaint complaint;
	struct slice file;
	char *end;
	int r;

	if (!find(in, "rule"))
		return 0;
	file = cut_origin(find(in, "rule"), &rule.origin.line);
	in->row->rule = find_rule(in, file, rule.origin.line);
	if (in->row->rule != NO_RULE)
		return 0;
	/* The words are bytes of the record's own: the colon ends the name from here on. */
	end = in->words->bytes + (file.at - in->words->bytes) + file.len;
	*end = '\0';
	rule.origin.file = file.at;
	/* What is no selector fits no device. */
	if (!selector_parse(rule.selector_text, &rule.selector, &complaint))
		rule.selector = (struct selector){ .kind = SELECT_ID, .id = { 0xffff, 0xffff, 0xffff, 0xffff } };
	r = config_add_rule(config, &rule);
	if (r == 0 && config->n_rules && config->rules[config->n_rules - 1].origin.file == rule.origin.file)
		in->row->rule = config->n_rules - 1;
	return r;
}

/* What is at the place of a device that the host needs; its identity is in the plan. */
static int add_present(struct reader *in)
{
	struct decision *d = &in->record->decision;
	int r;

	if (!flag(in, "present"))
		return 0;
	r = add_device(in, "need");
	for (size_t i = 0; r == 0 && i < d->plan.n_needs; i++) {
		const struct plan_need *need = &d->plan.needs[i];
		struct device *device = machine_device(&d->machine, need->address);

		if (device && need->id.subdevice != ID_ANY)
			device->identity = (struct identity){
				.vendor = (uint16_t)need->id.vendor,
				.device = (uint16_t)need->id.device,
				.subvendor = (uint16_t)need->id.subvendor,
				.subdevice = (uint16_t)need->id.subdevice,
			};
	}
	return r;
}

static int name_devices_and_rules(struct reader *in)
{
	int r = add_device(in, "device");

	r = r < 0 ? r : add_device(in, "neighbour");
	r = r < 0 ? r : add_device(in, "bound-before");
	return r < 0 ? r : add_rule(in);
}

/* --- what the record tells of them --- */

static bool parse_pair(const char *value, uint16_t *first, uint16_t *second)
{
	struct slice rest = slice_of(value), part = slice_cut(&rest, ':');
	uint32_t a, b;

	if (!slice_hex(part, 4, &a) || !slice_hex(rest, 4, &b))
		return false;
	*first = (uint16_t)a;
	*second = (uint16_t)b;
	return true;
}

static void read_identity(struct reader *in, struct device *device)
{
	struct identity *id = &device->identity;

	device->error = error_number(in, "id-errno");
	if (find(in, "id") && !parse_pair(text(in, "id"), &id->vendor, &id->device))
		in->row->bad = true;
	if (find(in, "subsystem") && !parse_pair(text(in, "subsystem"), &id->subvendor, &id->subdevice))
		in->row->bad = true;
	if (find(in, "class") && !slice_hex(slice_of(text(in, "class")), 6, &id->class))
		in->row->bad = true;
	if (!find(in, "id") && !device->error)
		device->error = ENODATA;
}

static void read_path(const struct reader *in, struct device *device)
{
	struct slice rest = slice_of(text(in, "path"));

	device->n_chain = 0;
	while (rest.len && device->n_chain < CHAIN_MAX - 1)
		if (address_from_name(slice_cut(&rest, ','), &device->chain[device->n_chain]))
			device->n_chain++;
	device->chain[device->n_chain++] = device->address;
}

/* The device of the row, with its facts; NULL when it has none. */
static struct device *read_device(struct reader *in, const char *key)
{
	struct address at;
	struct device *device = address(in, key, &at) ? machine_device(&in->record->decision.machine, at) : NULL;

	if (!device)
		return NULL;
	*device = (struct device){ .address = at, .group = NO_GROUP };
	read_identity(in, device);
	read_path(in, device);
	store(in, "driver", device->driver, sizeof(device->driver));
	store(in, "reset", device->reset, sizeof(device->reset));
	if (find(in, "group"))
		device->group = (int)number(in, "group", INT32_MAX);
	device->iommu_link = device->group != NO_GROUP;
	device->vfio = flag(in, "vfio");
	device->virtual_function = flag(in, "virtual");
	device->boot_vga = flag(in, "display");
	device->gone = flag(in, "gone");
	device->unrequested = flag(in, "unrequested");
	device->restored = flag(in, "restored");
	return device;
}

static struct claim *claim_of(struct matches *matches, size_t device)
{
	for (size_t i = 0; i < matches->n_claims; i++)
		if (matches->claims[i].device == device)
			return &matches->claims[i];
	return NULL;
}

/* The one that it has replaces it, or a new one. */
static int put_claim(struct matches *matches, const struct claim *claim)
{
	struct claim *known = claim_of(matches, claim->device);
	int r = known ? 0 : ARRAY_GROW(matches->claims, matches->n_claims, matches->claims_room);

	if (r == 0)
		*(known ? known : &matches->claims[matches->n_claims++]) = *claim;
	return r;
}

static int read_claim(struct reader *in)
{
	struct decision *d = &in->record->decision;
	struct device *device = read_device(in, "device"), *owner = NULL;
	struct claim claim = { .verdict = verdict_of_word(slice_of(text(in, "verdict"))), .rule = in->row->rule };
	struct address at;

	if (!device || claim.rule == NO_RULE) {
		in->row->bad = true;
		return 0;
	}
	claim.device = (size_t)(device - d->machine.devices);
	if (address(in, "owner", &at))
		owner = machine_device(&d->machine, at);
	claim.by_group = owner != NULL;
	claim.group_owner = owner ? (size_t)(owner - d->machine.devices) : 0;
	claim.hotplugged = flag(in, "hotplug");
	store(in, "target", claim.driver, sizeof(claim.driver));
	/* Messages print it as it is. */
	if (claim.driver[0] && !slice_is_name(slice_of(claim.driver))) {
		claim.driver[0] = '\0';
		in->row->bad = true;
	}
	store(in, "previous", claim.previous_driver, sizeof(claim.previous_driver));
	claim.variant = find(in, "variant");
	claim.error = error_number(in, "errno");
	claim.notes = notes_of(slice_of(text(in, "notes")));
	claim.outcome.failed = (enum step_kind)one_of(in, "step", record_steps, STEP_BIND + 1);
	claim.outcome.error = error_number(in, "step-errno");
	claim.outcome.hung = flag(in, "hung");
	claim.outcome.restore_error = error_number(in, "restore-errno");
	claim.outcome.variant_error = error_number(in, "variant-errno");
	if (find(in, "taken"))
		claim.taken = !strcmp(text(in, "taken"), "bound") ? TAKEN_BOUND : TAKEN_PARKED;
	return put_claim(&d->matches, &claim);
}

static int read_neighbour(struct reader *in)
{
	read_device(in, "neighbour");
	return 0;
}

static int read_bound_before(struct reader *in)
{
	read_device(in, "bound-before");
	return 0;
}

static int read_rescued(struct reader *in)
{
	struct decision *d = &in->record->decision;
	struct address at;
	struct device *device = address(in, "rescued", &at) ? machine_device(&d->machine, at) : NULL;
	struct claim *claim = device ? claim_of(&d->matches, (size_t)(device - d->machine.devices)) : NULL;

	if (!claim) {
		in->row->bad = true;
		return 0;
	}
	store(in, "driver", device->driver, sizeof(device->driver));
	device->vfio = false;
	claim->verdict = V_RESCUED;
	claim->rescued = RESCUED_ROOT_MISSING;
	for (unsigned i = RESCUED_ROOT_LATE; i <= RESCUED_KEYBOARD; i++)
		if (!strcmp(text(in, "reason"), record_word(record_reasons, i)))
			claim->rescued = (enum rescue_reason)i;
	claim->taken = TAKEN_NOT;
	return 0;
}

static int read_group(struct reader *in)
{
	struct machine *machine = &in->record->decision.machine;
	struct group group = {
		.number = number(in, "group", INT32_MAX),
		.error = error_number(in, "errno"),
		.noiommu = flag(in, "noiommu"),
		.reserved_direct = flag(in, "reserved"),
		.trial = { .error = error_number(in, "trial-errno") },
	};
	struct group *known;
	int r;

	group.trial.step = (enum trial_step)one_of(in, "trial", record_trials, TRIAL_TYPE + 1);
	for (size_t i = 0; i < machine->n_groups; i++)
		if (machine->groups[i].number == group.number) {
			known = &machine->groups[i];
			*known = group;
			return 0;
		}
	if (machine->n_groups == DEVICES_MAX) {
		in->row->bad = true;
		return 0;
	}
	r = ARRAY_GROW(machine->groups, machine->n_groups, machine->groups_room);
	if (r == 0)
		machine->groups[machine->n_groups++] = group;
	return r;
}

static int read_rule(struct reader *in)
{
	struct matches *matches = &in->record->decision.matches;
	struct rule_result result = {
		.fits = number(in, "fits", UINT32_MAX),
		.skipped = number(in, "skipped", UINT32_MAX),
		.verdict = find(in, "verdict") ? verdict_of_word(slice_of(text(in, "verdict"))) : V_UNDECIDED,
	};

	if (in->row->rule == NO_RULE)
		in->row->bad = true;
	else
		matches->rule_results[in->row->rule] = result;
	return 0;
}

static int read_problem(struct reader *in)
{
	struct config *config = &in->record->decision.config;
	struct problem problem = {
		.origin.file = text(in, "problem"),
		.origin.line = number(in, "line", UINT32_MAX),
		.origin.column = number(in, "column", UINT32_MAX),
		.word = slice_of(text(in, "word")),
		.what = find(in, "what") ? own_text(in, "what") : "",
		.instead = own_text(in, "instead"),
		.error = error_number(in, "errno"),
	};

	if (config->n_problems < CONFIG_PROBLEMS_MAX)
		config->problems[config->n_problems++] = problem;
	return 0;
}

static int read_config(struct reader *in)
{
	in->record->has_config = true;
	in->record->decision.config.problems_total = number(in, "problems", UINT32_MAX);
	return 0;
}

static unsigned tables_of(struct slice list)
{
	unsigned tables = 0;

	while (list.at) {
		struct slice word = slice_cut(&list, ',');

		for (unsigned i = 0; i < RECORD_TABLES; i++)
			if (slice_is(word, record_word(record_tables, i)))
				tables |= 1u << i;
	}
	return tables;
}

static int read_platform_row(struct reader *in)
{
	struct machine *machine = &in->record->decision.machine;
	struct platform *p = &machine->platform;

	p->units = number(in, "units", INT32_MAX);
	p->groups = number(in, "groups", INT32_MAX);
	store(in, "unit", p->unit, sizeof(p->unit));
	p->tables = tables_of(slice_of(text(in, "tables")));
	p->remapping = flag(in, "remapping");
	p->unsafe_irqs = flag(in, "unsafe-interrupts");
	p->no_display = flag(in, "no-display");
	store(in, "framebuffer", p->framebuffer.name, sizeof(p->framebuffer.name));
	p->framebuffer.owned = address(in, "framebuffer-at", &p->framebuffer.owner);
	p->framebuffer.gone = flag(in, "framebuffer-gone");
	p->acpi = flag(in, "acpi");
	p->arm = flag(in, "arm");
	p->iommu_planned = flag(in, "iommu-module");
	p->vfio_first = flag(in, "vfio-first");
	machine->groups_come_late = flag(in, "late-groups");
	return 0;
}

static int read_plan(struct reader *in)
{
	struct decision *d = &in->record->decision;

	d->plan_error = error_number(in, "errno");
	store(in, "kernel", d->plan.kernel, sizeof(d->plan.kernel));
	d->plan.bad_lines = number(in, "damaged", UINT32_MAX);
	in->record->has_plan = true;
	return 0;
}

static int read_unread(struct reader *in)
{
	struct system_failures *failures = &in->record->unread;

	store(in, "unread", failures->first, sizeof(failures->first));
	failures->error = error_number(in, "errno");
	failures->count = number(in, "count", UINT32_MAX);
	return 0;
}

static int read_format(struct reader *in)
{
	in->record->other_format = number(in, "format", UINT32_MAX) != RECORD_FORMAT && !in->row->bad;
	return 0;
}

static int read_run(struct reader *in)
{
	in->record->decision.machine.platform.settled = !strcmp(text(in, "run"), "too-late");
	return 0;
}

static int read_kernel(struct reader *in)
{
	struct platform *p = &in->record->decision.machine.platform;

	store(in, "kernel", p->release, sizeof(p->release));
	return 0;
}

static int read_disabled(struct reader *in)
{
	struct decision *d = &in->record->decision;

	d->machine.platform.crash_kernel = !strcmp(text(in, "disabled"), "crash-kernel");
	d->config.settings.off = !d->machine.platform.crash_kernel;
	return 0;
}

static int read_end(struct reader *in)
{
	struct record_end *end = &in->record->end;

	end->microseconds = find(in, "microseconds") ? number(in, "microseconds", UINT32_MAX) : end->microseconds;
	end->error = find(in, "error") ? error_number(in, "error") : end->error;
	if (find(in, "status")) {
		end->status = (int)number(in, "status", 255);
		in->record->complete |= !in->row->bad;
	}
	return 0;
}

static const struct {
	const char *key;
	int (*read)(struct reader *in);
} row_kinds[] = {
	{ "format", read_format },
	{ "kernel", read_kernel },
	{ "run", read_run },
	{ "disabled", read_disabled },
	{ "platform", read_platform_row },
	{ "configuration", read_config },
	{ "problem", read_problem },
	{ "plan", read_plan },
	{ "rule", read_rule },
	{ "device", read_claim },
	{ "neighbour", read_neighbour },
	{ "bound-before", read_bound_before },
	{ "group", read_group },
	{ "rescued", read_rescued },
	{ "unread", read_unread },
	{ "microseconds", read_end },
	{ "error", read_end },
	{ "status", read_end },
};

static int read_row(struct reader *in)
{
	const char *key = in->words->items[in->row->first].key;

	for (size_t i = 0; i < COUNT_OF(row_kinds); i++)
		if (!strcmp(key, row_kinds[i].key))
			return row_kinds[i].read(in);
	return 0;
}

/* --- all of it --- */

static int for_each_row(struct record *record, int (*each)(struct reader *in))
{
	struct record_words *words = record->words;
	int r = 0;

	for (size_t i = 0; i < words->n_rows && r == 0; i++) {
		struct reader in = { record, words, &words->rows[i] };

		if (!in.row->bad)
			r = each(&in);
	}
	return r;
}

int record_parse(struct record *record, struct slice bytes)
{
	struct decision *d = &record->decision;
	int r;

	record->words = calloc(1, sizeof(*record->words));
	if (!record->words)
		return -ENOMEM;
	/* One byte more, so that the last word can be ended. */
	record->words->bytes = malloc(bytes.len + 1);
	if (!record->words->bytes)
		return -ENOMEM;
	if (bytes.len)
		memcpy(record->words->bytes, bytes.at, bytes.len);
	r = cut_into_words(record->words, bytes.len);
	r = r < 0 ? r : for_each_row(record, name_devices_and_rules);
	/* The devices come in the run's own order, which what is only needed must not change. */
	r = r < 0 ? r : for_each_row(record, add_present);
	/* Those of the run itself, which the saved files need not have. */
	d->config.n_problems = d->config.problems_total = 0;
	d->matches.rule_results = calloc(d->config.n_rules + 1, sizeof(*d->matches.rule_results));
	if (r == 0 && !d->matches.rule_results)
		r = -ENOMEM;
	r = r < 0 ? r : for_each_row(record, read_row);
	for (size_t i = 0; i < record->words->n_rows; i++) {
		const struct record_row *row = &record->words->rows[i];

		if (row->bad && record->bad_lines++ == 0)
			record->first_bad = row->line;
	}
	return r;
}

/* What a hotplug run would go by, too. */
static int read_saved(struct record *record, struct system *sys)
{
	struct decision *d = &record->decision;
	char *bytes;
	size_t len;
	int r;

	d->dir = RUN_CONFIG;
	r = decision_read(d);
	for (size_t i = 0; i < d->config.n_problems && !record->unreadable.error; i++)
		record->unreadable = d->config.problems[i];
	if (r < 0 || sys->ops->read_all(sys, RUN_PLAN, PLAN_FILE_MAX, &bytes, &len) < 0)
		return r;
	r = plan_parse(&d->plan, (struct slice){ bytes, len });
	free(bytes);
	return r == -ENOMEM ? r : 0;
}

int record_read(struct system *sys, struct record *record)
{
	char *bytes;
	size_t len;
	int r;

	memset(record, 0, sizeof(*record));
	decision_init(&record->decision, sys);
	r = read_saved(record, sys);
	if (r < 0)
		return r;
	r = sys->ops->read_all(sys, RUN_RECORD, RECORD_MAX, &bytes, &len);
	if (r < 0)
		return r;
	r = record_parse(record, (struct slice){ bytes, len });
	free(bytes);
	return r;
}

void record_done(struct record *record)
{
	decision_done(&record->decision);
	words_free(record->words);
	memset(record, 0, sizeof(*record));
}
