/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The binder on a machine from tests/hosts, with the fake kernel behind it:
 *
 *	run-binder [--running] [--rescue] [--log] [--after DIR] TREE
 *
 * Prints "ADDRESS VERDICT" for every device that was named and "FILE:LINE
 * VERDICT" for every line that has one of its own. Unless --running is given,
 * it runs as in the initramfs, before any driver that is a module. --rescue:
 * then the root does not appear. --log prints the boot log instead. TREE stays
 * as it is. --after DIR puts the machine there as it runs after that boot,
 * with the record and the log in /run, the other drivers at work, and the
 * binder called for each device that came late.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "boot/rescue.h"
#include "boot/run.h"
#include "fake_kernel.h"

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

	for (unsigned second = 5; result == RESCUE_WAITING && second < 60; second++) {
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

struct request {
	const char *tree, *after;
	bool running, rescue, log;
};

static void run(const struct request *request)
{
	struct fake *fake = fake_load_tree(request->tree);
	struct run run = { .sys = &fake->sys, .log.echo = request->log };

	if (!request->running)
		fake_boot_again(fake);
	run_boot(&run);
	if (!request->log)
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
		if (!strcmp(argv[i], "--after") && i + 1 < argc)
			request.after = argv[++i];
		else if (argv[i][0] != '-')
			request.tree = argv[i];
	}
	if (!request.tree) {
		fputs("Usage: run-binder [--running] [--rescue] [--log] [--after DIR] TREE\n", stderr);
		return 2;
	}
	run(&request);
	return 0;
}
