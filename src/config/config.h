/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration: /etc/earlybind.conf, then /etc/earlybind.d/ *.conf in
 * name order, then the kernel command line. A mistake costs its line only;
 * all mistakes are collected.
 */
#ifndef EARLYBIND_CONFIG_CONFIG_H
#define EARLYBIND_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/limits.h"
#include "base/slice.h"
#include "system/system.h"
#include "config/selector.h"

#define CONFIG_LINE_MAX 1024	      /* bytes in a line */
#define CONFIG_FILE_MAX (1024 * 1024) /* bytes read of a file */
#define CONFIG_RULES_MAX 4096
#define CONFIG_TIMEOUT_MAX 600 /* seconds */
#define CONFIG_DROPINS_MAX 256
#define CONFIG_RULES_RESERVE 1024 /* beyond that, for skip lines and the kernel command line */
#define CONFIG_PROBLEMS_MAX 32	  /* kept; all are counted */
#define DRIVER_DEFAULT "vfio-pci"
#define CONFIG_CMDLINE "command line" /* in place of a file: the origin of rd.earlybind* */

/* Where a line was read. FILE is owned by the configuration. */
struct origin {
	const char *file; /* "earlybind.conf", "earlybind.d/10-gpu.conf" or "command line" */
	unsigned line;	  /* 0: the file as a whole, or the command line, which is a single one */
	unsigned column;  /* in bytes, from 1 */
};

struct rule {
	struct origin origin;
	struct selector selector;
	struct slice selector_text; /* as written, inside the source */
	bool skip;
	bool group;
	bool leave_bound;
	bool optional;
	bool even_if_needed;
	bool driver_auto; /* choose the best variant driver, and vfio-pci without one */
	char driver[DRIVER_SIZE];
};

struct problem {
	struct origin origin;
	struct slice word; /* as written, not escaped; may be empty */
	const char *what;
	const char *instead; /* probably meant, or NULL */
	int error;	     /* errno, or 0 */
};

enum on_failure { ON_FAILURE_NATIVE, ON_FAILURE_NO_DRIVER };

struct settings {
	bool iommu_optional;
	enum on_failure on_failure;
	bool rescue;
	unsigned timeout; /* seconds */
	/* from the kernel command line only */
	bool off;
	bool debug;
};

/* One file as it was read: rules and problems point into it. */
struct source {
	char *name;  /* relative to the directory that was given */
	char *bytes; /* NULL when it could not be read */
	size_t len;
};

struct config {
	struct rule *rules;
	size_t n_rules, rules_room;
	struct settings settings;
	struct source *sources;
	size_t n_sources, sources_room;
	struct problem problems[CONFIG_PROBLEMS_MAX];
	size_t n_problems; /* kept */
	size_t problems_total;
};

void config_init(struct config *config);
void config_done(struct config *config);

/*
 * Read DIR/earlybind.conf and DIR/earlybind.d/ *.conf (DIR is "etc",
 * relative to the root of SYS). A missing file is no problem; everything else
 * that goes wrong is one. 0 or -ENOMEM.
 */
int config_load(struct config *config, struct system *sys, const char *dir);

/* Parse BYTES, which must stay while CONFIG is used, as the file NAME (likewise). 0 or -ENOMEM. */
int config_parse(struct config *config, const char *name, struct slice bytes);

/*
 * Add what rd.earlybind* on the kernel command line says; CMDLINE must stay
 * while CONFIG is used. 0 or -ENOMEM.
 */
int config_parse_cmdline(struct config *config, struct slice cmdline);

/* "earlybind.conf:4:12: "drvier=auto": unknown option; did you mean "driver="?", escaped. */
void problem_format(const struct problem *problem, struct linebuf *line);

/* The driver that RULE asks for, with `auto` and the default resolved. */
const char *rule_driver(const struct rule *rule);

/* For the parsers in this directory. */
void config_add_problem(struct config *config, const struct problem *problem);
int config_add_rule(struct config *config, const struct rule *rule);

#endif
