package pages

// How far the program meets a criterion. Each is a message of the group acr.
const (
	conforms      = "supports"
	conformsPart  = "partially"
	notApplicable = "not_applicable"
)

// criterion is a success criterion of WCAG 2.2 and how far the program meets it. Its name is the message wcag.NUMBER; the remark is a message of
// the group acr.remark.
type criterion struct{ Number, Level, Result, Remark string }

// criteria are all of levels A and AA, in the order of the recommendation. Who changes a page so that another answer is true changes it here.
var criteria = []criterion{
	{"1.1.1", "A", conforms, "charts"},
	{"1.2.1", "A", notApplicable, "no_media"},
	{"1.2.2", "A", notApplicable, "no_media"},
	{"1.2.3", "A", notApplicable, "no_media"},
	{"1.2.4", "AA", notApplicable, "no_media"},
	{"1.2.5", "AA", notApplicable, "no_media"},
	{"1.3.1", "A", conforms, "marked"},
	{"1.3.2", "A", conforms, "order"},
	{"1.3.3", "A", conforms, "shape"},
	{"1.3.4", "AA", conforms, "turns"},
	{"1.3.5", "AA", conforms, "autocomplete"},
	{"1.4.1", "A", conforms, "shape"},
	{"1.4.2", "A", notApplicable, "no_media"},
	{"1.4.3", "AA", conforms, "colors"},
	{"1.4.4", "AA", conforms, "narrow"},
	{"1.4.5", "AA", conforms, "logo"},
	{"1.4.10", "AA", conforms, "narrow"},
	{"1.4.11", "AA", conforms, "colors"},
	{"1.4.12", "AA", conforms, "spacing"},
	{"1.4.13", "AA", conformsPart, "hover"},
	{"2.1.1", "A", conforms, "keyboard"},
	{"2.1.2", "A", conforms, "keyboard"},
	{"2.1.4", "A", conforms, "shortcuts"},
	{"2.2.1", "A", notApplicable, "no_time"},
	{"2.2.2", "A", notApplicable, "no_motion"},
	{"2.3.1", "A", conforms, "no_motion"},
	{"2.4.1", "A", conforms, "skip"},
	{"2.4.2", "A", conforms, "titles"},
	{"2.4.3", "A", conforms, "order"},
	{"2.4.4", "A", conforms, ""},
	{"2.4.5", "AA", conforms, "ways"},
	{"2.4.6", "AA", conforms, ""},
	{"2.4.7", "AA", conforms, "keyboard"},
	{"2.4.11", "AA", conforms, "nothing_covers"},
	{"2.5.1", "A", conforms, "any_press"},
	{"2.5.2", "A", conforms, "any_press"},
	{"2.5.3", "A", conforms, ""},
	{"2.5.4", "A", notApplicable, "still_device"},
	{"2.5.7", "AA", conforms, "any_press"},
	{"2.5.8", "AA", conforms, "targets"},
	{"3.1.1", "A", conforms, "page_lang"},
	{"3.1.2", "AA", conformsPart, "part_lang"},
	{"3.2.1", "A", conforms, ""},
	{"3.2.2", "A", conforms, ""},
	{"3.2.3", "AA", conforms, "foot"},
	{"3.2.4", "AA", conforms, ""},
	{"3.2.6", "A", conforms, "foot"},
	{"3.3.1", "A", conforms, "errors"},
	{"3.3.2", "A", conforms, "marked"},
	{"3.3.3", "AA", conforms, "errors"},
	{"3.3.4", "AA", notApplicable, "no_contract"},
	{"3.3.7", "A", notApplicable, "one_step"},
	{"3.3.8", "AA", notApplicable, "no_sign_in"},
	{"4.1.2", "A", conformsPart, "explorer"},
	{"4.1.3", "AA", conforms, "spoken"},
}
