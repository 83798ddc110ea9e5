package ledger

// paperColumns are the columns of papers, in the order in which they are read.
var paperColumns = []exportColumn{
	{"kind", isText, "what it is"},
	{"id", isNumber, "of the paper, counted by kind from 1"},
	{"revision", isNumber, "1, 2, 3 …: each save is one more"},
	{"at", isTime, "when it was saved"},
	{"person", isNumber, "who saved it: id in person; nothing if it was nobody who can sign in"},
	{"name", isText, "who saved it, as the audit trail names them"},
	{"state", isText, "where it stands with this revision"},
	{"subject", isText, "what it is about: the id of an indicator, a dataset or a post, or a period"},
	{"department", isText, "to which it belongs; nothing if it is the whole city's"},
	{"body", isJSON, "the paper itself"},
}

// exportTables are all tables of the ledger. A test compares them with the schema, so that none is forgotten and no secret gets out by itself.
var exportTables = []exportTable{
	{name: "city", about: "The city that the ledger belongs to.", order: "one", columns: []exportColumn{
		{"one", isNumber, "always 1"}, {"id", isText, "of the city"}, {"since", isTime, "when its folder was first read"},
	}},
	{name: "folder", about: "Every version of the city folder that was in force.", order: "version", columns: []exportColumn{
		{"version", isNumber, "1, 2, 3 …"}, {"hash", isText, "of the folder's files"}, {"seen", isTime, "when it was first read"}, {"body", isBody, "all that it says"},
	}},
	{name: "definition", about: "Every version of what an indicator measures.", order: "indicator, version", columns: []exportColumn{
		{"indicator", isText, "its id"}, {"version", isNumber, "of its definition"}, {"hash", isText, "of what it measures"},
		{"folder", isNumber, "version of the folder in which it first stood"}, {"seen", isTime, "when that was read"}, {"body", isBody, "the indicator as it was written"},
	}},
	{name: "folder_definition", about: "Which version of each definition a folder holds.", order: "folder, indicator", columns: []exportColumn{
		{"folder", isNumber, "its version"}, {"indicator", isText, "its id"}, {"definition", isNumber, "its version"},
	}},
	{name: "load", about: "Every run that brought data, and every recomputation; each live one is a data version.", order: "id", columns: []exportColumn{
		{"id", isNumber, "of the run; the data version if it is live"}, {"cause", isText, "load, definitions or as_of"}, {"dataset", isText, "its id; nothing of a recomputation"},
		{"state", isText, "how it ended: live, unchanged, failed, abandoned"}, {"started", isTime, "when it began"}, {"live_at", isTime, "since when its numbers hold"},
		{"folder", isNumber, "version of the folder by which it was read"}, {"as_of", isText, "the day that was judged"}, {"source_hash", isText, "SHA-256 of what came"},
		{"read", isNumber, "rows that came"}, {"accepted", isNumber, "rows that were taken"}, {"rejected", isNumber, "rows that were refused"}, {"skipped", isNumber, "rows that were passed over"},
		{"new", isNumber, "rows that had not been there before"}, {"restated", isNumber, "rows that had been there with other contents"}, {"gone", isNumber, "rows that came no more"},
		{"checks", isJSON, "what the checks found"}, {"warnings", isJSON, "what was noticed"}, {"checksum", isText, "over all numbers that held then"}, {"error", isText, "why it failed"},
		{"set_off", isText, "what set it off: start, schedule, missed, person"}, {"attempt", isNumber, "which try it was"}, {"accepted_by", isText, "who accepted an unusual number of rows"},
		{"changes", isBool, "it brought only what had changed"}, {"cursor", isText, "where the next one goes on"}, {"ended", isTime, "when it ended"}, {"failed_at", isText, "the step in which it failed"},
	}},
	{name: "spool_file", about: "The kept copies of each run.", order: "load, seq", columns: []exportColumn{
		{"load", isNumber, "the run"}, {"seq", isNumber, "which of its copies"}, {"source", isText, "where it came from"}, {"source_hash", isText, "SHA-256 of what came"},
		{"bytes", isNumber, "length of what came"}, {"modified", isTime, "when the source says that it was changed"}, {"copy", isText, "SHA-256 of the kept copy, which is its name"},
		{"rows", isNumber, "in the copy"}, {"undeclared", isJSON, "columns that came and that nobody has declared"}, {"fetch", isJSON, "how it was fetched"},
	}},
	{name: "publication", about: "Everything that was published, as it was.", order: "number", columns: []exportColumn{
		{"number", isNumber, "1, 2, 3 …"}, {"published_at", isTime, "when"}, {"as_of", isText, "the day that was judged"}, {"version", isNumber, "data version"},
		{"folder", isNumber, "version of the folder"}, {"sha256", isText, "of the published bytes"}, {"body", isBody, "the scorecard"},
	}},
	{name: "feedback", about: "What residents wrote.", order: "id", columns: []exportColumn{
		{"id", isNumber, "of the letter"}, {"reference", isText, "by which the resident finds the answer"}, {"received", isTime, "when it came"}, {"lang", isText, "language of the page"},
		{"about", isText, "the page from which it was sent"}, {"indicator", isText, "that it is about"}, {"district", isText, "that it is about"}, {"body", isText, "what was written"},
	}},
	{name: "feedback_email", about: "Addresses of residents who wait for an answer.", order: "feedback", addresses: true, columns: []exportColumn{
		{"feedback", isNumber, "the letter"}, {"address", isText, "for a question back"},
	}},
	{name: "feedback_end", about: "What became of letters: answers are public, reasons for closing are not.", order: "number", columns: []exportColumn{
		{"number", isNumber, "1, 2, 3 …"}, {"feedback", isNumber, "the letter"}, {"state", isText, "answered or closed"}, {"at", isTime, "when"},
		{"heard", isText, "what the city heard"}, {"said", isText, "what it says to it"}, {"lang", isText, "of the answer"}, {"by_whom", isText, "who answered"}, {"reason", isText, "why it was closed"},
	}},
	{name: "person", about: "People who can sign in.", order: "id", columns: []exportColumn{
		{"id", isNumber, "of the person"}, {"email", isText, "address"}, {"name", isText, "as others read it"}, {"lang", isText, "in which the program writes to them"},
		{"disabled", isBool, "they are let in no more"}, {"created", isTime, "since when they are known"}, {"seen", isTime, "when they last signed in"},
		{"password", isSecret, ""}, {"epoch", isNumber, "goes up when they are signed out everywhere"},
	}},
	{name: "held", about: "The roles of people.", order: "person, role, department", columns: []exportColumn{
		{"person", isNumber, "id"}, {"role", isText, "what they may do"}, {"department", isText, "for which one; nothing: all"},
	}},
	{name: "link", about: "Links by which people set a password, without what makes them work.", order: "created, person", columns: []exportColumn{
		{"hash", isSecret, ""}, {"person", isNumber, "whose"}, {"created", isTime, "when it was made"}, {"expires", isTime, "until when it serves"}, {"used", isTime, "when it was used"},
	}},
	{name: "identity", about: "Accounts at the city's provider of identities.", order: "issuer, subject", columns: []exportColumn{
		{"issuer", isText, "the provider"}, {"subject", isText, "the account there"}, {"person", isNumber, "whose"}, {"since", isTime, "when it was first used"},
	}},
	{name: "preference", about: "How often the program writes to people.", order: "person", columns: []exportColumn{
		{"person", isNumber, "id"}, {"digest", isText, "how often"}, {"changed", isTime, "since when"},
	}},
	{name: "digest", about: "Mail that was sent to people, or tried: one a day.", order: "person, day", columns: []exportColumn{
		{"person", isNumber, "id"}, {"day", isText, "the day"}, {"state", isText, "sending, sent or failed"}, {"tries", isNumber, "how often it was tried"},
		{"again", isBool, "it is tried once more"}, {"at", isTime, "when it was last tried"}, {"error", isText, "why it failed"},
	}},
	{name: "invitation", about: "Mail about stat meetings that was sent to people, or tried: one a meeting, sequence and person.", order: "series, slot, person, sequence", columns: []exportColumn{
		{"series", isText, "of meetings"}, {"slot", isText, "the day by which the meeting is named"}, {"person", isNumber, "id"}, {"sequence", isNumber, "how often the meeting was changed before"},
		{"starts", isTime, "when the meeting begins, as it said"}, {"said", isJSON, "what it said"}, {"state", isText, "sending, sent or failed"}, {"tries", isNumber, "how often it was tried"},
		{"again", isBool, "it was sent once more, since nobody knows whether it arrived"}, {"at", isTime, "when it was last tried"}, {"error", isText, "why it failed"},
	}},
	{name: "unsubscribe", about: "Links by which people end the mail, without what makes them work.", order: "created, person", columns: []exportColumn{
		{"hash", isSecret, ""}, {"person", isNumber, "whose"}, {"created", isTime, "when it was made"},
	}},
	{name: "session", skip: true, columns: []exportColumn{{"hash", isSecret, ""}, {"data", isSecret, ""}, {"expires", isSecret, ""}}},
	{name: "audit", about: "Who changed what: each entry has a hash over itself and the one before.", order: "seq", columns: []exportColumn{
		{"seq", isNumber, "1, 2, 3 …"}, {"at", isTime, "when"}, {"person", isNumber, "who, if they can sign in"}, {"name", isText, "who"}, {"action", isText, "what was done"},
		{"subject", isText, "to what"}, {"detail", isJSON, "how"}, {"hash", isHex, "SHA-256"},
	}},
	{name: "entry_rows", about: "The rows that people typed or uploaded, once for each revision of an entry in which they were changed; papers of the kind entry say the rest.", order: "batch, revision", columns: []exportColumn{
		{"batch", isNumber, "id of the paper of the kind entry"}, {"revision", isNumber, "of that paper; its kept is this number as long as the rows stay"}, {"rows", isJSON, "line, fields by the column of the source, what is wrong, whether it was left out"},
	}},
	{name: "frozen", about: "The numbers as they were seen when a meeting's memo went out, and when it began.", order: "id", columns: []exportColumn{
		{"id", isNumber, "1, 2, 3 …"}, {"series", isText, "of meetings"}, {"slot", isText, "the day by which the meeting is named"}, {"stage", isText, "memo or meeting"},
		{"at", isTime, "when"}, {"sha256", isText, "of the scorecard's bytes"}, {"body", isBody, "the scorecard"},
	}},
	{name: "evidence", about: "Files that people added to commitments, to show that they were kept. Each that was not withdrawn is in the directory evidence, by its id.", order: "id", columns: []exportColumn{
		{"id", isNumber, "1, 2, 3 …"}, {"commitment", isNumber, "id of the paper of the kind commitment"}, {"at", isTime, "when it was added"}, {"person", isNumber, "who, if they can sign in"}, {"name", isText, "who"},
		{"shows", isText, "what it shows"}, {"lang", isText, "language of that"}, {"file", isText, "its name"}, {"type", isText, "its MIME type"}, {"size", isNumber, "bytes"}, {"sha256", isText, "of its bytes"},
		{"width", isNumber, "points of a picture; 0 of another file"}, {"height", isNumber, "points of a picture; 0 of another file"},
	}},
	{name: "evidence_bytes", skip: true, columns: []exportColumn{{"evidence", isNumber, "id"}, {"body", isHex, "the file"}}}, // a file each
	{name: "evidence_end", about: "Evidence that was withdrawn: its bytes are erased.", order: "evidence", columns: []exportColumn{
		{"evidence", isNumber, "id"}, {"at", isTime, "when"}, {"person", isNumber, "who, if they can sign in"}, {"name", isText, "who"}, {"reason", isText, "why"},
	}},
	{name: "paper", skip: true, columns: paperColumns}, // by kind, each in files of its own
}
