/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manual page earlybind-verdicts(7), in mdoc(7), from the texts of explain. */
#include <string.h>

#include "base/array.h"
#include "tool/output/explanation.h"
#include "tool/output/remedy.h"

#define LINE_WIDTH 76
/* The day on which the texts were last changed: a page must not depend on the day it is built. */
#define TEXTS_DATE "November 22, 2026"

/* --- one text --- */

struct page {
	FILE *to;
	size_t column; /* of the input line that is being written */
};

static void end_line(struct page *page)
{
	if (page->column)
		fputc('\n', page->to);
	page->column = 0;
}

static void put_char(struct page *page, char c)
{
	if (c == '\\')
		fputs("\\e", page->to);
	else
		fputc(c, page->to);
	page->column++;
}

/* A word of running text; a dot at the start of a line would begin a request. */
static void put_word(struct page *page, const char *word, size_t len)
{
	if (page->column && page->column + len + 1 > LINE_WIDTH)
		end_line(page);
	if (page->column)
		put_char(page, ' ');
	else if (word[0] == '.' || word[0] == '\'')
		fputs("\\&", page->to);
	for (size_t i = 0; i < len; i++)
		put_char(page, word[i]);
	/* mandoc(1) wants each sentence to begin a line. */
	if (strchr(".?!", word[len - 1]))
		end_line(page);
}

static void put_literal(struct page *page, const char *opening, size_t n_opening, const char *text, size_t len,
			const char *closing, size_t n_closing)
{
	end_line(page);
	fputs(".Ql ", page->to);
	for (size_t i = 0; i < n_opening; i++)
		fprintf(page->to, "%c ", opening[i]);
	/* Quoted it is one argument, and with \& in front no macro. */
	fputs("\"\\&", page->to);
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"')
			fputs("\\(dq", page->to);
		else if (text[i] == '-')
			fputs("\\-", page->to);
		else
			put_char(page, text[i]);
	}
	fputc('"', page->to);
	for (size_t i = 0; i < n_closing; i++)
		fprintf(page->to, " %c", closing[i]);
	page->column = 1;
	end_line(page);
}

/* From a blank to the next, literals whole. Returns what is left. */
static const char *put_next(struct page *page, const char *text)
{
	const char *open = text + strspn(text, "("), *close, *end;

	if (*open == '`' && (close = strchr(open + 1, '`'))) {
		end = close + 1 + strcspn(close + 1, " \n");
		put_literal(page, text, (size_t)(open - text), open + 1, (size_t)(close - open - 1), close + 1,
			    (size_t)(end - close - 1));
	} else {
		end = text + strcspn(text, " \n");
		put_word(page, text, (size_t)(end - text));
	}
	return end;
}

static void put_text(struct page *page, const char *text)
{
	while (*text) {
		if (!strncmp(text, "\n\n", 2)) {
			end_line(page);
			fputs(".Pp\n", page->to);
		}
		text += strspn(text, " \n");
		if (*text)
			text = put_next(page, text);
	}
	end_line(page);
}

/* --- the page --- */

static const enum remedy hows[] = {
	REMEDY_FIRMWARE_IOMMU,	 REMEDY_FIRMWARE_REMAPPING, REMEDY_ADD_PARAMETER,
	REMEDY_REMOVE_PARAMETER, REMEDY_REGENERATE,
};

static void put_parameter(struct page *page, const struct explanation *e, const char *verb)
{
	end_line(page);
	fprintf(page->to, "%s\n", verb);
	put_literal(page, "", 0, e->parameter, strlen(e->parameter), ":", 1);
	fputs("see\n", page->to);
}

static void put_references(struct page *page, const struct explanation *e)
{
	for (size_t i = 0; i < COUNT_OF(hows); i++) {
		if (!(e->how & hows[i]))
			continue;
		if (hows[i] == REMEDY_ADD_PARAMETER)
			put_parameter(page, e, "To add");
		else if (hows[i] == REMEDY_REMOVE_PARAMETER)
			put_parameter(page, e, "To remove");
		else
			fputs("See\n", page->to);
		fprintf(page->to, ".Sx %s .\n", remedy_title(hows[i]));
	}
}

static void put_paragraph(struct page *page, const char *text)
{
	fputs(".Pp\n", page->to);
	put_text(page, text);
}

static void put_explanation(struct page *page, const struct explanation *e)
{
	fprintf(page->to, ".It Sy %s Pq %s\n", verdict_word(e->verdict), level_word(verdict_level(e->verdict)));
	put_text(page, e->brief);
	fputs(".Pp\n.Em What it means :\n", page->to);
	put_text(page, e->means);
	fputs(".Pp\n.Em How it comes about :\n", page->to);
	put_text(page, e->causes);
	fputs(".Pp\n.Em What to do :\n", page->to);
	put_text(page, e->todo);
	put_references(page, e);
}

static void put_part(struct page *page, const char *title, const char *intro, const struct explanations *part)
{
	fprintf(page->to, ".Sh %s\n", title);
	put_text(page, intro);
	fputs(".Bl -tag -width Ds\n", page->to);
	for (size_t i = 0; i < part->n; i++)
		put_explanation(page, &part->rows[i]);
	fputs(".El\n", page->to);
}

static void put_way(struct page *page, const struct remedy_step *remedy_step)
{
	struct linebuf line;

	/* On a page that is read for all parameters, a placeholder stands for one. */
	linebuf_start(&line);
	remedy_fill(&line, remedy_step->text, "PARAMETER");
	fprintf(page->to, ".It %s\n", remedy_step->where);
	put_text(page, line.at);
}

static void put_howtos(struct page *page)
{
	fputs(".Sh WHAT TO DO, AND WHERE\n", page->to);
	for (size_t h = 0; h < COUNT_OF(hows); h++) {
		fprintf(page->to, ".Ss %s\n.Bl -tag -width Ds\n", remedy_title(hows[h]));
		for (size_t i = 0; i < n_remedy_steps; i++)
			if (remedy_steps[i].how == hows[h])
				put_way(page, &remedy_steps[i]);
		fputs(".El\n", page->to);
	}
}

static void put_head(struct page *page)
{
	fputs(".\\\" SPDX-License-Identifier: GPL-2.0-or-later\n"
	      ".\\\" Made by `earlybind explain --mdoc`: change src/tool/explain_*.c instead.\n"
	      ".Dd " TEXTS_DATE "\n.Dt EARLYBIND-VERDICTS 7\n.Os\n"
	      ".Sh NAME\n.Nm earlybind-verdicts\n.Nd what earlybind says of devices, and what to do about it\n"
	      ".Sh DESCRIPTION\n",
	      page->to);
	put_text(
		page,
		"Every outcome of earlybind is one verdict: a short word that does not change from version to "
		"version, the facts, and a remedy. The words are in the boot log (`dmesg`, `journalctl -b -t "
		"earlybind`), in `/run/earlybind/record`, and in what `earlybind check` and `earlybind status` print.");
	put_paragraph(page,
		      "A problem is something that was asked for and is not so; a note is good to know. `earlybind "
		      "explain` shows the same texts, one at a time.");
}

void print_mdoc(FILE *to)
{
	struct page page = { .to = to };

	put_head(&page);
	put_part(&page, "THE MACHINE, THE IMAGE AND THE RUN", "What concerns all devices.", &explain_platform);
	put_part(&page, "A LINE AND WHAT IT NAMES", "What a line of the configuration comes to.", &explain_naming);
	put_part(&page, "A DEVICE THAT IS NOT TOUCHED", "What keeps earlybind from even trying.", &explain_before);
	put_part(&page, "A DEVICE THAT WAS TO BE BOUND", "What came of it.", &explain_after);
	put_part(&page, "NOTES BESIDE READY", "They stand behind a verdict and do not change it.", &explain_notes);
	put_howtos(&page);
	fputs(".Sh SEE ALSO\n.Xr earlybind.conf 5 ,\n.Xr earlybind 8\n", to);
}
