/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The binder on a machine from tests/hosts, with the fake kernel behind it:
 *
 *	run-binder [--running] [--rescue] [--log | --from-record] [--after DIR] TREE
 *
 * Prints "ADDRESS VERDICT" for every device that was named and "FILE:LINE
 * VERDICT" for every line that has one of its own. Unless --running is given,
 * it runs as in the initramfs, before any driver that is a module. --rescue:
 * then the root does not appear. --log prints the boot log instead,
 * --from-record what the record tells, in the same words. TREE stays as it is. --after DIR puts the machine there as it
 *runs after that boot, with the record and the log in /run, the other drivers at work, and the binder called for each
 *device that came late.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "boot/rescue.h"
#include "boot/hotplug.h"
#include "boot/run.h"
#include "decide/verify.h"
#include "fake_kernel.h"
#include "record/record.h"
#include "report/message.h"

static void print_verdicts(const struct decision *s)
{
	for (size_t i = 0; i < s->matches.n_claims; i++) {
		const struct claim *claim = &s->matches.claims[i];

		printf("%s %s\n", address_name(s->machine.devices[claim->device].address).at,
		       verdict_word(claim->verdict));
	}
	for (size_t i = 0; s->matches.rule_results && i < s->config.n_rules; i++) {
		const struct origin *origin = &s->config.rules[i].origin;

		if (s->matches.rule_results[i].verdict != V_UNDECIDED)
			printf("%s:%u %s\n", origin->file, origin->line,
			       verdict_word(s->matches.rule_results[i].verdict));
	}
}

static void do_hotplug(struct fake *fake, const char *name, bool echo)
{
	struct run run = { .sys = &fake->sys, .log.echo = echo };
	struct address address;

	if (address_from_name(slice_of(name), &address))
		run_hotplug(&run, address);
	run_done(&run);
}

/* The rounds that the initramfs makes while its root does not appear. */
static void wait_in_vain(struct fake *fake, bool echo)
{
	enum rescue_result result = RESCUE_WAITING;
	char uptime[32];

	fake_file(fake, "proc/mounts", "none / rootfs rw 0 0\n");
	for (unsigned second = 5; result == RESCUE_WAITING && second < 120; second++) {
		snprintf(uptime, sizeof(uptime), "%u.00 1.00\n", second);
		fake_file(fake, "proc/uptime", uptime);
		result = rescue_round(&fake->sys, echo);
	}
}

/* As the system runs after that, into the directory AFTER. */
static void go_on(struct fake *fake, const char *after, bool echo)
{
	const char *address;

	fake_boot_on(fake);
	while ((address = fake_appear(fake))) {
		do_hotplug(fake, address, echo);
		fake_probe(fake, address);
	}
	fake_save_tree(fake, after);
}

/* The lines of the log about the platform, the configuration, the devices and their lines, made of the record. */
static void print_record(struct fake *fake)
{
	struct record record;
	struct decision *d = &record.decision;
	enum verdict idle;
	struct linebuf line;

	if (record_read(&fake->sys, &record) < 0) {
		puts("the record cannot be read");
		return;
	}
	if (record.bad_lines || record.other_format || !record.complete)
		printf("the record is damaged: %u lines, the first is %u\n", record.bad_lines, record.first_bad);
	for (size_t i = 0; i < d->config.n_problems; i++) {
		linebuf_start(&line);
		problem_format(&d->config.problems[i], &line);
		printf("earlybind: %s: %s\n", verdict_word(V_CONFIG_ERROR), line.at);
	}
	idle = verify_run(&d->config, &d->machine.platform);
	if (idle == V_UNDECIDED)
		idle = verify_plan(&d->plan, d->plan_error, &d->machine.platform);
	if (idle != V_UNDECIDED) {
		linebuf_start(&line);
		message_run(d, idle, &line);
		printf("earlybind: %s: %s\n", verdict_word(idle), line.at);
	}
	if (record.has_plan) {
		linebuf_start(&line);
		message_platform(d, &line);
		printf("earlybind: %s\n", line.at);
	}
	for (size_t i = 0; i < d->matches.n_claims; i++) {
		linebuf_start(&line);
		message_claim(d, &d->matches.claims[i], &line);
		printf("earlybind: %s\n", line.at);
	}
	for (size_t i = 0; i < d->config.n_rules; i++) {
		if (d->matches.rule_results[i].verdict == V_UNDECIDED)
			continue;
		linebuf_start(&line);
		message_rule(d, i, &line);
		printf("earlybind: %s\n", line.at);
	}
	record_done(&record);
}

struct request {
	const char *tree, *after;
	bool running, rescue, log, from_record;
};

static void run(const struct request *request)
{
	struct fake *fake = fake_load_tree(request->tree);
	struct run run = { .sys = &fake->sys, .log.echo = request->log };

	if (!request->running)
		fake_boot_again(fake);
	run_boot(&run);
	if (request->from_record)
		print_record(fake);
	else if (!request->log)
		print_verdicts(&run.decision);
	run_done(&run);
	if (request->rescue)
		wait_in_vain(fake, request->log);
	if (request->after)
		go_on(fake, request->after, request->log);
	fake_free(fake);
}

int main(int argc, char **argv)
{
	struct request request = { .tree = NULL };

	for (int i = 1; i < argc; i++) {
		request.running |= !strcmp(argv[i], "--running");
		request.rescue |= !strcmp(argv[i], "--rescue");
		request.log |= !strcmp(argv[i], "--log");
		request.from_record |= !strcmp(argv[i], "--from-record");
		if (!strcmp(argv[i], "--after") && i + 1 < argc)
			request.after = argv[++i];
		else if (argv[i][0] != '-')
			request.tree = argv[i];
	}
	if (!request.tree) {
		fputs("Usage: run-binder [--running] [--rescue] [--log | --from-record] [--after DIR] TREE\n", stderr);
		return 2;
	}
	run(&request);
	return 0;
}
