/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The binder on a machine from tests/machines, with the fake kernel behind it:
 *
 *	run-binder [--running] [--log] TREE
 *
 * Prints "ADDRESS VERDICT" for every device that was named and "FILE:LINE
 * VERDICT" for every line that has one of its own. Unless --running is given,
 * it runs as in the initramfs, before any driver that is a module. --log
 * prints the boot log instead. TREE stays as it is.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "boot/session.h"
#include "fake_kernel.h"

static void print_verdicts(const struct survey *s)
{
	for (size_t i = 0; i < s->matches.n_claims; i++) {
		const struct claim *claim = &s->matches.claims[i];

		printf("%s %s\n", address_name(s->machine.devices[claim->device].address).at,
		       verdict_word(claim->verdict));
	}
	for (size_t i = 0; s->matches.namings && i < s->config.n_rules; i++) {
		const struct origin *origin = &s->config.rules[i].origin;

		if (s->matches.namings[i].verdict != V_NONE)
			printf("%s:%u %s\n", origin->file, origin->line, verdict_word(s->matches.namings[i].verdict));
	}
}

static void run(const char *tree, bool running, bool log)
{
	struct fake *fake = fake_load_tree(tree);
	struct session session;

	if (!running)
		fake_boot_again(fake);
	memset(&session, 0, sizeof(session));
	session.door = &fake->door;
	session.log.echo = log;
	session_run(&session);
	if (!log)
		print_verdicts(&session.survey);
	session_done(&session);
	fake_free(fake);
}

int main(int argc, char **argv)
{
	bool running = false, log = false;
	const char *tree = NULL;

	for (int i = 1; i < argc; i++) {
		running |= !strcmp(argv[i], "--running");
		log |= !strcmp(argv[i], "--log");
		if (argv[i][0] != '-')
			tree = argv[i];
	}
	if (!tree) {
		fputs("Usage: run-binder [--running] [--log] TREE\n", stderr);
		return 2;
	}
	run(tree, running, log);
	return 0;
}
