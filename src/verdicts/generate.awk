# SPDX-License-Identifier: GPL-2.0-or-later
# awk -v out=DIR -f generate.awk verdicts.txt steps.txt
#
# Read the verdicts and the steps, and write into DIR, which exists:
#
#   verdict_list.h   the verdicts and the cases of remedies, for enums
#   verdict_table.h  words, levels and log remedies: all that the binder needs
#   device_facts.h   the functions that write the facts of a device
#   steps_list.h     the steps, for an enum
#   explanations.h   all texts, for the tool
#   earlybind-verdicts.7, verdicts.md, verdict-words
#
# Every mistake is reported as FILE:LINE: TEXT; after one, nothing is written
# and the exit status is 1.

# --- reading ---

function mistake(file, line, text) {
	printf "%s:%d: %s\n", file, line, text | "cat 1>&2"
	mistakes++
}

function wrong(s, key, text) { mistake(file_of[s], line_of[s, key], text) }

# The kinds of stanzas: the keys that each must have, and may have.
BEGIN {
	needs["page"] = "date summary intro"
	needs["part"] = "role intro"
	needs["verdict"] = "level brief meaning causes remedy"
	allows["verdict"] = "log-remedy steps parameter explain-only facts"
	needs["steps"] = "title"
	needs["place"] = "text"
	allows["place"] = "sign short generator hook mark"
	# The paths of files of a system or an image.
	path_keys["sign"] = path_keys["hook"] = path_keys["mark"] = 1
	# How a key's text is written.
	form["brief"] = form["log-remedy"] = form["short"] = form["title"] = form["summary"] = "phrase"
	form["intro"] = form["meaning"] = form["causes"] = form["remedy"] = form["text"] = "sentences"
}

# Asked for by its name alone, an element of an array would come to exist.
function has(s, k) { return (s, k) in value }
function get(s, k) { return (s, k) in value ? value[s, k] : "" }

function is_one_of(word, list) { return index(" " list " ", " " word " ") > 0 }

FNR == 1 { current = 0 }

/^#/ { next }

/^[ \t]*$/ { current = 0; next }

/^[ \t]/ {
	if (!current) {
		mistake(FILENAME, FNR, "a line that continues nothing")
		next
	}
	sub(/^[ \t]+/, "")
	sub(/[ \t]+$/, "")
	value[current, key] = value[current, key] (value[current, key] == "" ? "" : " ") $0
	next
}

!/^[a-z-]+(\[[a-z-]+\])?:( |$)/ {
	mistake(FILENAME, FNR, "not of the form KEY: TEXT")
	next
}

{
	key = substr($0, 1, index($0, ":") - 1)
	text = substr($0, index($0, ":") + 1)
	sub(/^[ \t]+/, "", text)
	sub(/[ \t]+$/, "", text)
	if (!current) {
		current = ++stanzas
		kind[current] = key
		file_of[current] = FILENAME
		if (!(key in needs)) {
			mistake(FILENAME, FNR, "\"" key "\" begins no stanza: page, part, verdict, steps or place do")
			kind[current] = "unknown"
		}
	} else if ((current, key) in value) {
		mistake(FILENAME, FNR, "\"" key "\" stands twice")
	}
	value[current, key] = text
	line_of[current, key] = FNR
	keys[current] = keys[current] " " key
}

# --- checking ---

function check_characters(s, k, text) {
	if (text == "")
		wrong(s, k, "\"" k "\" has no text")
	# What C and mdoc would have to escape beyond quotes.
	if (text ~ /[^ -~]/ || text ~ /\\/)
		wrong(s, k, "\"" k "\" has a character that is not printable ASCII, or a backslash")
}

# Backquotes come in pairs, each literal a word of its own in brackets or punctuation.
function check_literals(s, k, text,   parts, n, i) {
	n = split(text, parts, "`")
	if (n % 2 == 0) {
		wrong(s, k, "\"" k "\" has a backquote without its other half")
		return
	}
	for (i = 2; i <= n; i += 2) {
		if (parts[i] == "" || parts[i] ~ /^ / || parts[i] ~ / $/)
			wrong(s, k, "\"" k "\" has a literal that is empty or begins or ends with a blank")
		if (parts[i - 1] !~ /(^|[ (])$/ || parts[i + 1] !~ /^[].,;:)?!]*( |$)/)
			wrong(s, k, "\"" k "\": `" parts[i] "` is not a word of its own")
	}
}

function check_text(s, k,   name, text) {
	name = k
	sub(/\[.*/, "", name)
	text = value[s, k]
	check_characters(s, k, text)
	if (form[name] == "phrase" && (text ~ /`/ || text ~ /\.$/))
		wrong(s, k, "\"" k "\" is a phrase: no backquotes, no full stop at the end")
	if (form[name] == "sentences") {
		check_literals(s, k, text)
		if (text !~ /\.$/)
			wrong(s, k, "\"" k "\" is sentences: they end with a full stop")
	}
}

function check_keys(s,   k, i, n, names, base) {
	n = split(keys[s], names, " ")
	for (i = 2; i <= n; i++) {
		k = names[i]
		base = k
		sub(/\[.*/, "", base)
		if (!is_one_of(base, needs[kind[s]] " " allows[kind[s]]) || (k != base && base != "log-remedy"))
			wrong(s, k, "a " kind[s] " has no \"" k "\"")
		else
			check_text(s, k)
	}
	n = split(needs[kind[s]], names, " ")
	for (i = 1; i <= n; i++)
		if (!has(s, names[i]))
			wrong(s, kind[s], "the " kind[s] " \"" value[s, kind[s]] "\" has no \"" names[i] "\"")
}

function check_word(s,   word) {
	word = value[s, kind[s]]
	if (word !~ /^[a-z0-9]+(-[a-z0-9]+)*$/)
		wrong(s, kind[s], "\"" word "\" is no word: small letters and digits, with single dashes between")
	else if ((kind[s], word) in known)
		wrong(s, kind[s], "\"" word "\" stands twice, first in line " line_of[known[kind[s], word], kind[s]])
	else
		known[kind[s], word] = s
}

# The part above a verdict, and the steps above a place.
function check_order(s) {
	if (kind[s] == "part")
		part = s
	else if (kind[s] == "steps")
		steps = s
	else if (kind[s] == "verdict" && !(above[s] = part))
		wrong(s, "verdict", "a verdict before the first part")
	else if (kind[s] == "place" && !(above[s] = steps))
		wrong(s, "place", "a place before the first steps")
}

function check_verdict(s,   names, n, i, takes_parameter) {
	if (has(s, "level") && !is_one_of(get(s, "level"), "good note problem"))
		wrong(s, "level", "\"" get(s, "level") "\" is no level: good, note or problem")
	if (has(s, "explain-only") && get(s, "explain-only") != "yes")
		wrong(s, "explain-only", "\"explain-only\" is yes, or left out")
	if (has(s, "facts") && get(above[s], "role") != "device")
		wrong(s, "facts", "only a device has facts of its own")
	if (has(s, "facts") && get(s, "facts") !~ /^[a-z][a-z0-9_]*$/)
		wrong(s, "facts", "\"facts\" is what follows facts_ in the name of a function")
	n = split(get(s, "steps"), names, /, */)
	for (i = 1; i <= n; i++) {
		if (!(("steps", names[i]) in known))
			wrong(s, "steps", "there are no steps \"" names[i] "\"")
		else if (known["steps", names[i]] in parametric)
			takes_parameter = 1
	}
	if (takes_parameter && !has(s, "parameter"))
		wrong(s, "verdict", "the verdict \"" get(s, "verdict") "\" has no \"parameter\" for its steps")
	if (!takes_parameter && has(s, "parameter"))
		wrong(s, "parameter", "no steps of this verdict take a parameter")
	if (has(s, "explain-only") && !n)
		wrong(s, "explain-only", "without steps there is nothing to explain only")
}

function check_place(s,   k) {
	if (has(s, "sign") != has(s, "short"))
		wrong(s, "place", "a place has both \"sign\" and \"short\", or neither")
	for (k in path_keys)
		if (get(s, k) ~ /(^| )\//)
			wrong(s, k, "a " k " has no slash at its beginning")
	if (((has(s, "hook") || has(s, "mark")) && !has(s, "generator")) || (has(s, "generator") && !has(s, "sign")))
		wrong(s, "place", "a place with \"hook\" or \"mark\" has a \"generator\", and one with a generator a \"sign\"")
	if (get(s, "text") get(s, "short") ~ /\{parameter\}/)
		parametric[above[s]] = 1
}

# The verdicts of ROLE are numbered one after the other, MAX at most: notes are bits of a word.
function check_role(role, max,   s, n) {
	for (s = 1; s <= stanzas; s++) {
		if (kind[s] != "verdict" || get(above[s], "role") != role)
			continue
		if (!first[role])
			first[role] = s
		else if (previous_verdict[s] != last[role])
			wrong(s, "verdict", "other verdicts stand between those of the role " role)
		if (++n > max)
			wrong(s, "verdict", "more than " max " verdicts of the role " role)
		last[role] = s
	}
}

function check(   s) {
	for (s = 1; s <= stanzas; s++) {
		if (kind[s] == "unknown")
			continue
		check_characters(s, kind[s], value[s, kind[s]])
		check_keys(s)
		check_order(s)
		if (kind[s] == "verdict" || kind[s] == "steps")
			check_word(s)
		if (kind[s] == "verdict") {
			previous_verdict[s] = latest
			latest = s
		}
		if (kind[s] == "part" && has(s, "role") && !is_one_of(get(s, "role"), "device note other"))
			wrong(s, "role", "\"" get(s, "role") "\" is no role: device, note or other")
		if (kind[s] == "place")
			check_place(s)
		if (kind[s] == "page" && page)
			wrong(s, "page", "there is a page already")
		if (kind[s] == "page")
			page = s
	}
	for (s = 1; s <= stanzas; s++)
		if (kind[s] == "verdict")
			check_verdict(s)
	check_role("note", 32)
	check_role("device", 255)
	if (!page)
		mistake(FILENAME, FNR, "there is no page")
	if (!first["note"] || !first["device"])
		mistake(FILENAME, FNR, "there is no note, or no device")
}

# --- C ---

function upper(word) {
	word = toupper(word)
	gsub(/-/, "_", word)
	return word
}

function quoted(text) {
	gsub(/"/, "\\\"", text)
	return "\"" text "\""
}

function constant(s) { return "V_" upper(get(s, "verdict")) }

function begin_header(file) {
	print "/* SPDX-License-Identifier: GPL-2.0-or-later */" >file
	print "/* Made from src/verdicts/ by generate.awk. */" >file
}

# The cases of log remedies, in the order in which they appear.
function find_cases(   s, i, n, names, name) {
	for (s = 1; s <= stanzas; s++) {
		n = kind[s] == "verdict" ? split(keys[s], names, " ") : 0
		for (i = 1; i <= n; i++) {
			if (names[i] !~ /^log-remedy\[/)
				continue
			name = substr(names[i], 12, length(names[i]) - 12)
			if (!(name in case_seen))
				cases[++n_cases] = name
			case_seen[name] = 1
		}
	}
}

function write_list(   file, s, i, roles) {
	file = out "/verdict_list.h"
	begin_header(file)
	print "#define VERDICT_LIST \\" >file
	for (s = 1; s <= stanzas; s++)
		if (kind[s] == "verdict")
			print "\t" constant(s) ", \\" >file
	print "" >file
	for (i = 1; i <= split("NOTE DEVICE", roles, " "); i++) {
		print "#define V_FIRST_" roles[i] " " constant(first[tolower(roles[i])]) >file
		print "#define V_LAST_" roles[i] " " constant(last[tolower(roles[i])]) >file
	}
	print "#define REMEDY_CASE_LIST \\" >file
	for (i = 1; i <= n_cases; i++)
		print "\tCASE_" upper(cases[i]) ", \\" >file
	print "" >file
	close(file)
}

# All strings in one, each once and ended by its NUL, and where each begins.
function put_string(text) {
	if (text in place_of)
		return place_of[text]
	place_of[text] = strings_length
	strings_length += length(text) + 1
	strings[++n_strings] = text
	return place_of[text]
}

function write_table(   file, s, i) {
	file = out "/verdict_table.h"
	begin_header(file)
	print "#define VERDICT_ROWS \\" >file
	put_string("undecided")
	for (s = 1; s <= stanzas; s++)
		if (kind[s] == "verdict")
			printf "\t[%s] = { %d, %d, LEVEL_%s }, \\\n", constant(s), put_string(get(s, "verdict")),
				has(s, "log-remedy") ? put_string(get(s, "log-remedy")) : 0,
				toupper(get(s, "level")) >file
	print "" >file
	print "#define REMEDY_CASE_ROWS \\" >file
	for (s = 1; s <= stanzas; s++)
		for (i = 1; i <= n_cases; i++)
			if (has(s, "log-remedy[" cases[i] "]"))
				printf "\t{ %s, CASE_%s, %d }, \\\n", constant(s), upper(cases[i]),
					put_string(value[s, "log-remedy[" cases[i] "]"]) >file
	print "" >file
	print "#define VERDICT_STRINGS \\" >file
	for (i = 1; i <= n_strings; i++)
		print "\t" quoted(strings[i]) " \"\\0\" \\" >file
	print "" >file
	close(file)
	if (strings_length > 65535)
		mistake(FILENAME, FNR, "more text than 16 bits can count")
}

function write_facts(   file, s, name) {
	file = out "/device_facts.h"
	begin_header(file)
	print "#define DEVICE_FACTS \\" >file
	for (s = 1; s <= stanzas; s++) {
		if (kind[s] != "verdict" || get(above[s], "role") != "device")
			continue
		name = has(s, "facts") ? get(s, "facts") : tolower(upper(get(s, "verdict")))
		print "\t[" constant(s) " - V_FIRST_DEVICE] = facts_" name ", \\" >file
	}
	print "" >file
	close(file)
}

function write_steps(   file, s, n) {
	file = out "/steps_list.h"
	begin_header(file)
	print "#define REMEDY_LIST \\" >file
	for (s = 1; s <= stanzas; s++)
		if (kind[s] == "steps")
			print "\tREMEDY_" upper(get(s, "steps")) " = 1 << " n++ ", \\" >file
	print "" >file
	close(file)
}

function steps_of(s,   names, n, i, list) {
	n = split(get(s, "steps"), names, /, */)
	for (i = 1; i <= n; i++)
		list = list (i > 1 ? " | " : "") "REMEDY_" upper(names[i])
	return n ? list : "0"
}

function optional(s, k) { return has(s, k) ? quoted(get(s, k)) : "NULL" }

function write_explanations(   file, s, k) {
	file = out "/explanations.h"
	begin_header(file)
	print "#define EXPLANATION_ROWS \\" >file
	for (s = 1; s <= stanzas; s++) {
		if (kind[s] != "verdict")
			continue
		print "\t[" constant(s) "] = { .verdict = " constant(s) ", \\" >file
		print "\t\t.brief = " quoted(get(s, "brief")) ", \\" >file
		print "\t\t.meaning = " quoted(get(s, "meaning")) ", \\" >file
		print "\t\t.causes = " quoted(get(s, "causes")) ", \\" >file
		print "\t\t.remedy = " quoted(get(s, "remedy")) ", \\" >file
		if (has(s, "parameter"))
			print "\t\t.parameter = " quoted(get(s, "parameter")) ", \\" >file
		if (has(s, "explain-only"))
			print "\t\t.explain_only = true, \\" >file
		print "\t\t.steps = " steps_of(s) " }, \\" >file
	}
	print "" >file
	print "#define REMEDY_TITLES \\" >file
	for (s = 1; s <= stanzas; s++)
		if (kind[s] == "steps")
			print "\t{ REMEDY_" upper(get(s, "steps")) ", " quoted(get(s, "title")) " }, \\" >file
	print "" >file
	print "#define REMEDY_STEPS \\" >file
	for (s = 1; s <= stanzas; s++) {
		if (kind[s] != "place")
			continue
		print "\t{ REMEDY_" upper(get(above[s], "steps")) ", " quoted(get(s, "place")) ", \\" >file
		print "\t\t" quoted(get(s, "text")) ", \\" >file
		print "\t\t" optional(s, "sign") ", " optional(s, "short") ", \\" >file
		print "\t\t" optional(s, "generator") ", " optional(s, "hook") ", " optional(s, "mark") " }, \\" >file
	}
	print "" >file
	close(file)
}

# --- the manual page, in mdoc(7) ---

function end_line() {
	if (column)
		printf "\n" >man
	column = 0
}

# A word of running text; a dot at the start of a line would begin a request.
function put_word(word) {
	if (column && column + length(word) + 1 > 76)
		end_line()
	if (column)
		printf " " >man
	else if (word ~ /^[.']/)
		printf "\\&" >man
	printf "%s", word >man
	column += length(word) + 1
	# mandoc(1) wants each sentence to begin a line.
	if (word ~ /[.?!]$/)
		end_line()
}

# Quoted it is one argument, and with \& in front no macro.
function put_literal(opening, text, closing) {
	gsub(/"/, "\\(dq", text)
	gsub(/-/, "\\-", text)
	gsub(/./, "& ", opening)
	gsub(/./, " &", closing)
	end_line()
	printf ".Ql %s\"\\&%s\"%s\n", opening, text, closing >man
}

function put_text(text,   opening, end, closing) {
	while (text != "") {
		sub(/^ +/, "", text)
		opening = text
		sub(/[^(].*/, "", opening)
		if (substr(text, length(opening) + 1, 1) == "`") {
			text = substr(text, length(opening) + 2)
			end = index(text, "`")
			closing = substr(text, end + 1)
			sub(/ .*/, "", closing)
			put_literal(opening, substr(text, 1, end - 1), closing)
			text = substr(text, end + 1 + length(closing))
			continue
		}
		end = index(text, " ")
		put_word(end ? substr(text, 1, end - 1) : text)
		text = end ? substr(text, end + 1) : ""
	}
	end_line()
}

function put_paragraph(heading, text) {
	print ".Pp" >man
	if (heading != "")
		print ".Em " heading " :" >man
	put_text(text)
}

function put_references(s,   names, n, i, t, verb) {
	n = split(get(s, "steps"), names, /, */)
	for (i = 1; i <= n; i++) {
		t = known["steps", names[i]]
		if (t in parametric) {
			verb = get(t, "title") ~ /^Removing/ ? "To remove" : "To add"
			print verb >man
			put_literal("", get(s, "parameter"), ":")
			print "see" >man
		} else {
			print "See" >man
		}
		print ".Sx " get(t, "title") " ." >man
	}
}

function put_verdict(s) {
	printf ".It Sy %s Pq %s\n", get(s, "verdict"), get(s, "level") >man
	put_text(get(s, "brief"))
	put_paragraph("Meaning", get(s, "meaning"))
	put_paragraph("Causes", get(s, "causes"))
	put_paragraph("What to do", get(s, "remedy"))
	put_references(s)
}

function put_part(s,   v) {
	print ".Sh " toupper(get(s, "part")) >man
	put_text(get(s, "intro"))
	print ".Bl -tag -width Ds" >man
	for (v = 1; v <= stanzas; v++)
		if (kind[v] == "verdict" && above[v] == s)
			put_verdict(v)
	print ".El" >man
}

function put_steps(s,   p, text) {
	print ".Ss " get(s, "title") >man
	print ".Bl -tag -width Ds" >man
	for (p = 1; p <= stanzas; p++) {
		if (kind[p] != "place" || above[p] != s)
			continue
		print ".It " get(p, "place") >man
		text = get(p, "text")
		gsub(/\{parameter\}/, "PARAMETER", text)
		put_text(text)
	}
	print ".El" >man
}

function write_manual(   s) {
	man = out "/" get(page, "page") ".7"
	print ".\\\" SPDX-License-Identifier: GPL-2.0-or-later" >man
	print ".\\\" Made from src/verdicts/ by generate.awk." >man
	print ".Dd " get(page, "date") >man
	print ".Dt " toupper(get(page, "page")) " 7" >man
	print ".Os" >man
	print ".Sh NAME" >man
	print ".Nm " get(page, "page") >man
	print ".Nd " get(page, "summary") >man
	print ".Sh DESCRIPTION" >man
	put_text(get(page, "intro"))
	for (s = 1; s <= stanzas; s++)
		if (kind[s] == "part")
			put_part(s)
	print ".Sh STEPS" >man
	for (s = 1; s <= stanzas; s++)
		if (kind[s] == "steps")
			put_steps(s)
	print ".Sh SEE ALSO" >man
	print ".Xr earlybind.conf 5 ," >man
	print ".Xr earlybind 8" >man
	close(man)
}

# --- the documents ---

function cell(text) {
	gsub(/\|/, "\\|", text)
	return text
}

function write_document(   file, s) {
	file = out "/verdicts.md"
	print "# The verdicts" >file
	print "" >file
	print cell(get(page, "intro")) >file
	print "" >file
	print "`earlybind explain VERDICT` and earlybind-verdicts(7) tell the causes, and what to do in detail." >file
	for (s = 1; s <= stanzas; s++) {
		if (kind[s] == "part") {
			print "" >file
			print "## " get(s, "part") >file
			print "" >file
			print get(s, "intro") >file
			print "" >file
			print "| verdict | level | meaning | what to do |" >file
			print "|---|---|---|---|" >file
		} else if (kind[s] == "verdict") {
			printf "| `%s` | %s | %s | %s |\n", get(s, "verdict"), get(s, "level"),
				cell(get(s, "brief")), cell(get(s, "remedy")) >file
		}
	}
	close(file)
}

function write_words(   file, s) {
	file = out "/verdict-words"
	for (s = 1; s <= stanzas; s++)
		if (kind[s] == "verdict")
			print get(s, "verdict") >file
	close(file)
}

END {
	check()
	if (!mistakes) {
		find_cases()
		write_list()
		write_table()
		write_facts()
		write_steps()
		write_explanations()
		write_manual()
		write_document()
		write_words()
	}
	if (mistakes)
		exit 1
}
