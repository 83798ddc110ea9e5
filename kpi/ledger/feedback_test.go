package ledger

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"citystat/kpi"
)

// letter is feedback with every field that a resident fills in.
func letter(n int) kpi.Feedback {
	return kpi.Feedback{
		Received: day.Add(time.Duration(n) * time.Hour), Lang: kpi.Spanish, About: "/indicators/potholes", Indicator: "potholes", District: "mill-river",
		Text: fmt.Sprintf("Falta el bache %d.\n\n'); DROP TABLE feedback; --", n), Email: fmt.Sprintf("vecina%d@example.org", n),
	}
}

func submit(t *testing.T, db *DB, f kpi.Feedback) string {
	t.Helper()
	reference, err := db.SubmitFeedback(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	return reference
}

// reply is a whole answer, so many hours after the first morning.
func reply(n int) kpi.FeedbackAnswer {
	return kpi.FeedbackAnswer{Heard: fmt.Sprintf("A pothole is missing, says letter %d.", n), Said: "It was mended.", Lang: kpi.English, By: "Public Works", At: day.Add(time.Duration(n) * time.Hour)}
}

func feedback(t *testing.T, db *DB, q kpi.FeedbackQuery) []kpi.Feedback {
	t.Helper()
	list, _, err := db.Feedback(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestFeedbackKeepsEveryField(t *testing.T) {
	db := fresh(t)
	want := letter(1)
	want.Reference = submit(t, db, want)
	if canonical, ok := kpi.ParseReference(want.Reference); !ok || canonical != want.Reference {
		t.Errorf("the reference is %q", want.Reference)
	}
	if diff := cmp.Diff([]kpi.Feedback{want}, feedback(t, db, kpi.FeedbackQuery{State: kpi.FeedbackOpen})); diff != "" {
		t.Errorf("waiting (-want +got):\n%s", diff)
	}
	got, err := db.FeedbackStatus(t.Context(), want.Reference)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(kpi.Feedback{Reference: want.Reference, Received: want.Received, Lang: kpi.Spanish, Indicator: "potholes"}, got); diff != "" {
		t.Errorf("what whoever has the reference may know (-want +got):\n%s", diff)
	}
	for _, unknown := range []string{"", "0000-0000-0000", "'; --"} {
		_, err := db.FeedbackStatus(t.Context(), unknown)
		wantError(t, err, kpi.CodeNotFound, "there is no feedback with the reference")
	}

	a := reply(5)
	if err := db.AnswerFeedback(t.Context(), want.Reference, a); err != nil {
		t.Fatal(err)
	}
	want.Email, want.Answer, want.Ended = "", &a, a.At
	if diff := cmp.Diff([]kpi.Feedback{want}, feedback(t, db, kpi.FeedbackQuery{State: kpi.FeedbackAnswered})); diff != "" {
		t.Errorf("answered (-want +got):\n%s", diff)
	}
	if list := feedback(t, db, kpi.FeedbackQuery{State: kpi.FeedbackOpen}); len(list) != 0 {
		t.Errorf("it still waits: %+v", list)
	}
}

// Feedback ends once.
func TestFeedbackEndsOnce(t *testing.T) {
	db := fresh(t)
	one, two := submit(t, db, letter(1)), submit(t, db, letter(2))
	if err := db.AnswerFeedback(t.Context(), one, reply(3)); err != nil {
		t.Fatal(err)
	}
	if err := db.CloseFeedback(t.Context(), two, "Advertising.", day.Add(4*time.Hour)); err != nil {
		t.Fatal(err)
	}
	for reference, was := range map[string]string{one: "answered", two: "closed"} {
		want := fmt.Sprintf("feedback %s was %s already", reference, was)
		wantError(t, db.AnswerFeedback(t.Context(), reference, reply(5)), kpi.CodeConflict, want)
		wantError(t, db.CloseFeedback(t.Context(), reference, "Again.", day), kpi.CodeConflict, want)
	}
	wantError(t, db.AnswerFeedback(t.Context(), "0000-0000-0000", reply(1)), kpi.CodeNotFound, "there is no feedback")
	wantError(t, db.CloseFeedback(t.Context(), "0000-0000-0000", "None.", day), kpi.CodeNotFound, "there is no feedback")
	counts, err := db.CountFeedback(t.Context())
	if diff := cmp.Diff(map[kpi.FeedbackState]int{kpi.FeedbackAnswered: 1, kpi.FeedbackClosed: 1}, counts); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	closed := feedback(t, db, kpi.FeedbackQuery{State: kpi.FeedbackClosed})
	if len(closed) != 1 || closed[0].Reason != "Advertising." || !closed[0].Closed || closed[0].Email != "" || !closed[0].Ended.Equal(day.Add(4*time.Hour)) {
		t.Errorf("closed: %+v", closed)
	}
	if public, err := db.FeedbackStatus(t.Context(), two); err != nil || !public.Closed || public.Reason != "" || public.Answer != nil {
		t.Errorf("why it was closed is for the staff: %+v, %v", public, err)
	}
}

func TestFeedbackRefusesNonsense(t *testing.T) {
	db := fresh(t)
	for name, spoil := range map[string]func(*kpi.Feedback){
		"no text":            func(f *kpi.Feedback) { f.Text = "" },
		"blank text":         func(f *kpi.Feedback) { f.Text = " \n " },
		"long text":          func(f *kpi.Feedback) { f.Text = strings.Repeat("é", kpi.MaxFeedback+1) },
		"control characters": func(f *kpi.Feedback) { f.Text = "a\x00b" },
		"broken text":        func(f *kpi.Feedback) { f.Text = "a\xffb" },
		"no address":         func(f *kpi.Feedback) { f.Email = "nobody" },
		"another site":       func(f *kpi.Feedback) { f.About = "https://evil.example/" },
		"long page":          func(f *kpi.Feedback) { f.About = "/" + strings.Repeat("a", kpi.MaxFeedbackAbout) },
		"long indicator":     func(f *kpi.Feedback) { f.Indicator = strings.Repeat("a", 65) },
		"no time":            func(f *kpi.Feedback) { f.Received = time.Time{} },
		"no language":        func(f *kpi.Feedback) { f.Lang = "xx" },
	} {
		f := letter(1)
		spoil(&f)
		if _, err := db.SubmitFeedback(t.Context(), f); kpi.ErrorCode(err) != kpi.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	reference := submit(t, db, letter(1))
	for name, spoil := range map[string]func(*kpi.FeedbackAnswer){
		"heard nothing": func(a *kpi.FeedbackAnswer) { a.Heard = "" },
		"said nothing":  func(a *kpi.FeedbackAnswer) { a.Said = " " },
		"by nobody":     func(a *kpi.FeedbackAnswer) { a.By = "" },
		"never":         func(a *kpi.FeedbackAnswer) { a.At = time.Time{} },
		"no language":   func(a *kpi.FeedbackAnswer) { a.Lang = "" },
		"long":          func(a *kpi.FeedbackAnswer) { a.Said = strings.Repeat("a", kpi.MaxFeedback+1) },
	} {
		a := reply(2)
		spoil(&a)
		if err := db.AnswerFeedback(t.Context(), reference, a); kpi.ErrorCode(err) != kpi.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, err := range []error{db.CloseFeedback(t.Context(), reference, "", day), db.CloseFeedback(t.Context(), reference, "x", time.Time{})} {
		wantError(t, err, kpi.CodeInvalid, "feedback is closed with a time and a reason")
	}
	if list := feedback(t, db, kpi.FeedbackQuery{}); len(list) != 1 || list[0].State() != kpi.FeedbackOpen {
		t.Errorf("after all that: %+v", list)
	}
}

// Answers come the newest first, by indicator and page by page, and hold nothing of what they answer.
func TestFeedbackAnswers(t *testing.T) {
	db := fresh(t)
	if v := db.AnswersVersion(); v != 0 {
		t.Errorf("before any answer: version %d", v)
	}
	var references []string
	for n := range 7 {
		f := letter(n)
		if n%2 == 1 {
			f.Indicator = "on-time"
		}
		references = append(references, submit(t, db, f))
	}
	if err := db.CloseFeedback(t.Context(), references[6], "Twice.", day.Add(7*time.Hour)); err != nil {
		t.Fatal(err)
	}
	for n, reference := range references[:5] {
		before := db.AnswersVersion()
		if err := db.AnswerFeedback(t.Context(), reference, reply(10+n)); err != nil {
			t.Fatal(err)
		}
		if after := db.AnswersVersion(); after <= before {
			t.Errorf("after an answer the version is %d, and was %d", after, before)
		}
	}
	page := func(indicator string, offset, limit int) string {
		list, total, err := db.FeedbackAnswers(t.Context(), indicator, offset, limit)
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprint(total)
		for _, f := range list {
			if f.Text+f.Email+f.About+f.Reason+f.District != "" {
				t.Errorf("an answer tells what it answers: %+v", f)
			}
			got += " " + strings.TrimSuffix(strings.TrimPrefix(f.Answer.Heard, "A pothole is missing, says letter "), ".")
		}
		return got
	}
	for _, c := range []struct {
		indicator     string
		offset, limit int
		want          string
	}{
		{"", 0, 0, "5 14 13 12 11 10"}, {"", 0, 2, "5 14 13"}, {"", 4, 2, "5 10"}, {"", 9, 2, "5"}, {"", -3, 1, "5 14"},
		{"potholes", 0, 0, "3 14 12 10"}, {"on-time", 1, 5, "2 11"}, {"none", 0, 5, "0"},
	} {
		if got := page(c.indicator, c.offset, c.limit); got != c.want {
			t.Errorf("answers about %q from %d on, %d: %s, want %s", c.indicator, c.offset, c.limit, got, c.want)
		}
	}
	list, total, err := db.Feedback(t.Context(), kpi.FeedbackQuery{State: kpi.FeedbackOpen, Limit: 1})
	if err != nil || total != 1 || len(list) != 1 || list[0].Reference != references[5] {
		t.Errorf("waiting: %+v of %d, %v", list, total, err)
	}
	path := db.path
	again := open(t, path)
	if got, want := again.AnswersVersion(), db.AnswersVersion(); got != want {
		t.Errorf("opened again: version %d, want %d", got, want)
	}
}

// The clock of the machine may be set back; what comes later is later all the same.
func TestFeedbackTimesGoForward(t *testing.T) {
	db := fresh(t)
	first, second := submit(t, db, letter(9)), submit(t, db, letter(1))
	if err := db.AnswerFeedback(t.Context(), second, reply(0)); err != nil {
		t.Fatal(err)
	}
	list := feedback(t, db, kpi.FeedbackQuery{})
	if len(list) != 2 || list[0].Reference != first || list[1].Received.Before(list[0].Received) || list[1].Ended.Before(list[1].Received) {
		t.Errorf("%+v", list)
	}
}

// onDisk returns everything that lies on the disk of a ledger.
func onDisk(t *testing.T, db *DB) []byte {
	t.Helper()
	var all []byte
	for _, end := range []string{"", "-wal"} {
		b, err := os.ReadFile(db.path + end)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	return all
}

// An address is gone with the answer: from the table, and from the disk.
func TestAddressIsGoneWithTheAnswer(t *testing.T) {
	db := fresh(t)
	var references []string
	for n := range 400 { // enough for the table to have several pages
		references = append(references, submit(t, db, letter(n)))
	}
	if !bytes.Contains(onDisk(t, db), []byte("vecina17@")) {
		t.Fatal("the test does not see what lies on the disk")
	}
	for n, reference := range references {
		var err error
		if n%2 == 0 {
			err = db.AnswerFeedback(t.Context(), reference, reply(500))
		} else {
			err = db.CloseFeedback(t.Context(), reference, "Twice.", day.AddDate(0, 1, 0))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if left := bytes.Count(onDisk(t, db), []byte("@example.org")); left != 0 {
		t.Errorf("%d addresses still lie on the disk", left)
	}
	for _, f := range feedback(t, db, kpi.FeedbackQuery{}) {
		if f.Email != "" {
			t.Errorf("%s still has its address", f.Reference)
		}
	}
}

// An address is kept for 180 days at most, answered or not.
func TestAddressIsForgotten(t *testing.T) {
	db := fresh(t)
	old, young := letter(0), letter(0)
	young.Received, young.Email = day.AddDate(0, 0, 1), "young@example.org"
	a, b := submit(t, db, old), submit(t, db, young)
	address := func(reference string) string {
		return feedback(t, db, kpi.FeedbackQuery{Reference: reference})[0].Email
	}
	if n, err := db.ForgetEmails(t.Context(), day.Add(kpi.KeepEmail-time.Second)); err != nil || n != 0 || address(a) == "" {
		t.Errorf("a second before: %d, %v, %q", n, err, address(a))
	}
	if n, err := db.ForgetEmails(t.Context(), day.Add(kpi.KeepEmail)); err != nil || n != 1 || address(a) != "" || address(b) == "" {
		t.Errorf("after 180 days: %d, %v, %q, %q", n, err, address(a), address(b))
	}
	if bytes.Contains(onDisk(t, db), []byte(old.Email)) || !bytes.Contains(onDisk(t, db), []byte(young.Email)) {
		t.Error("the wrong address lies on the disk")
	}
	late := letter(0)
	late.Received, late.Email = day.AddDate(2, 0, 0), ""
	submit(t, db, late) // whoever writes makes room
	if address(b) != "" {
		t.Error("the second address is kept for years")
	}
	if text := feedback(t, db, kpi.FeedbackQuery{Reference: a})[0].Text; text != old.Text {
		t.Errorf("with the address went the text: %q", text)
	}
}

func TestFeedbackRowsAreImmutable(t *testing.T) {
	db := fresh(t)
	reference := submit(t, db, letter(1))
	submit(t, db, letter(2))
	if err := db.AnswerFeedback(t.Context(), reference, reply(3)); err != nil {
		t.Fatal(err)
	}
	for q, want := range map[string]string{
		`UPDATE feedback SET body = 'x'`:                                                                 "feedback is never changed",
		`DELETE FROM feedback`:                                                                           "feedback is never deleted",
		`INSERT OR REPLACE INTO feedback SELECT * FROM feedback`:                                         "feedback is never deleted",
		`UPDATE feedback_end SET said = 'x'`:                                                             "an answer is never changed",
		`DELETE FROM feedback_end`:                                                                       "an answer is never deleted",
		`UPDATE feedback_email SET address = 'x'`:                                                        "an address is deleted, never changed",
		`INSERT INTO feedback_email VALUES (1, 'late@x.example')`:                                        "feedback that has ended keeps no address",
		`INSERT INTO feedback_end (feedback, state, at) VALUES (2, 'answered', 1)`:                       "CHECK constraint failed",
		`INSERT INTO feedback_end (feedback, state, at) VALUES (2, 'closed', 1)`:                         "CHECK constraint failed",
		`INSERT INTO feedback_end (feedback, state, at, reason) VALUES (1, 'closed', 1, 'x')`:            "UNIQUE constraint failed",
		`INSERT INTO feedback_end (feedback, state, at, reason) VALUES (9, 'closed', 1, 'x')`:            "FOREIGN KEY constraint failed",
		`INSERT INTO feedback_end (feedback, state, at, reason, said) VALUES (2, 'closed', 1, 'x', 'y')`: "CHECK constraint failed",
	} {
		if _, err := db.write.Exec(q); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", q, err, want)
		}
	}
}

// A ledger of the schema before knows nothing of feedback, and takes some after.
func TestLedgerOfSchemaThreeTakesFeedback(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	all, err := steps()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	raw.SetMaxOpenConns(1)
	before := &DB{path: path, write: raw}
	for i, text := range all[:3] {
		if err := before.step(t.Context(), i+1, text); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := raw.Exec(`INSERT INTO city VALUES (1, 'springfield', 7)`); err != nil {
		t.Fatal(err)
	}
	if err := raw.Close(); err != nil {
		t.Fatal(err)
	}
	db := open(t, path)
	var version int
	var id string
	if err := db.read.QueryRow(`PRAGMA user_version`).Scan(&version); err != nil || version != len(all) {
		t.Errorf("schema %d, %v", version, err)
	}
	if err := db.read.QueryRow(`SELECT id FROM city`).Scan(&id); err != nil || id != "springfield" {
		t.Errorf("the city is %q, %v", id, err)
	}
	if list := feedback(t, db, kpi.FeedbackQuery{}); len(list) != 0 || db.AnswersVersion() != 0 {
		t.Errorf("%+v, version %d", list, db.AnswersVersion())
	}
	reference := submit(t, db, letter(1))
	if err := db.AnswerFeedback(t.Context(), reference, reply(2)); err != nil || db.AnswersVersion() != 1 {
		t.Errorf("version %d, %v", db.AnswersVersion(), err)
	}
	if wrong, err := db.Integrity(t.Context()); err != nil || len(wrong) > 0 {
		t.Errorf("%v, %v", wrong, err)
	}
}

func TestCheckFeedback(t *testing.T) {
	db := fresh(t)
	reference := submit(t, db, letter(1))
	submit(t, db, letter(2))
	if n, wrong, err := db.CheckFeedback(t.Context(), day); err != nil || n != 2 || len(wrong) > 0 {
		t.Errorf("sound feedback: %d, %v, %v", n, wrong, err)
	}
	if _, wrong, err := db.CheckFeedback(t.Context(), day.AddDate(1, 0, 0)); err != nil || len(wrong) != 2 || !strings.Contains(wrong[0], "its e-mail address is still there") {
		t.Errorf("a year later: %v, %v", wrong, err)
	}
	if err := db.AnswerFeedback(t.Context(), reference, reply(3)); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{
		"DROP TRIGGER feedback_email_late", "INSERT INTO feedback_email VALUES (1, 'late@x.example')",
		"DROP TRIGGER feedback_update", "UPDATE feedback SET reference = 'guess-me' WHERE id = 2",
	} {
		if _, err := db.write.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	n, wrong, err := db.CheckFeedback(t.Context(), day)
	all := strings.Join(wrong, "\n")
	if err != nil || n != 2 || len(wrong) != 2 || !strings.Contains(all, reference+" is answered, and its e-mail address is still there") || !strings.Contains(all, `the reference "guess-me" of feedback is none`) {
		t.Errorf("%d, %v, %v", n, wrong, err)
	}
}

// Many write and answer at a time; nobody is lost, and the version ends at the newest answer.
func TestFeedbackOfMany(t *testing.T) {
	db := fresh(t)
	var wg sync.WaitGroup
	for n := range 40 {
		wg.Go(func() {
			reference, err := db.SubmitFeedback(t.Context(), letter(n))
			if err == nil {
				err = db.AnswerFeedback(t.Context(), reference, reply(50))
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if list := feedback(t, db, kpi.FeedbackQuery{State: kpi.FeedbackAnswered}); len(list) != 40 || db.AnswersVersion() != 40 {
		t.Errorf("%d answered, version %d", len(list), db.AnswersVersion())
	}
}

// writeFeedback is what the child of TestKillNineLosesNoFeedback does: it writes and answers until it is killed.
func writeFeedback(path string) {
	must := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	ctx := context.Background()
	db, err := Open(ctx, path)
	must(err)
	for n := 0; ; n++ {
		reference, err := db.SubmitFeedback(ctx, letter(n))
		must(err)
		fmt.Println("got", reference)
		must(db.AnswerFeedback(ctx, reference, reply(n)))
		fmt.Println("answered", reference)
	}
}

func TestKillNineLosesNoFeedback(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	told := map[string]string{} // what was acknowledged, by reference
	for round := range 3 {
		heard := 0
		killed(t, "CITYSTAT_TEST_FEEDBACK", path, func(line string) bool {
			word, reference, _ := strings.Cut(line, " ")
			told[reference] = word
			heard++
			return heard == 9+6*round
		})
	}
	db := open(t, path)
	have := map[string]kpi.Feedback{}
	for _, f := range feedback(t, db, kpi.FeedbackQuery{}) {
		have[f.Reference] = f
		if (f.Email == "") != (f.State() == kpi.FeedbackAnswered) {
			t.Errorf("%s is %s, with the address %q", f.Reference, f.State(), f.Email)
		}
	}
	for reference, word := range told {
		f, ok := have[reference]
		if !ok || f.Text == "" || word == "answered" && (f.Answer == nil || f.Answer.Said == "") {
			t.Errorf("%s was %s, and now: %+v (%v)", reference, word, f, ok)
		}
	}
	if len(told) < 12 {
		t.Errorf("only %d were acknowledged", len(told))
	}
}

// Whatever anybody types is kept as plain text, or refused; nothing else happens.
func FuzzSubmitFeedback(f *testing.F) {
	db, err := Open(f.Context(), filepath.Join(f.TempDir(), "ledger.db"))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		if err := db.Close(); err != nil {
			f.Error(err)
		}
	})
	f.Add("The light is out.", "a@example.org", "/indicators/x", "x", "y", "en")
	f.Add("'; DROP TABLE feedback; --\x00", "a@b", "//evil", "\xff", "", "fr")
	f.Add(strings.Repeat("ü", kpi.MaxFeedback), "\"a b\"@example.org", "/", "", "\u202e", "pt-BR")
	f.Fuzz(func(t *testing.T, text, email, about, indicator, district, lang string) {
		in := kpi.Feedback{Received: day, Lang: kpi.Lang(lang), About: kpi.PlainText(about), Indicator: indicator, District: district, Text: kpi.PlainText(text), Email: email}
		reference, err := db.SubmitFeedback(t.Context(), in)
		if err != nil {
			if kpi.ErrorCode(err) != kpi.CodeInvalid {
				t.Fatal(err)
			}
			return
		}
		in.Reference = reference
		list, n, err := db.Feedback(t.Context(), kpi.FeedbackQuery{Reference: reference})
		if err != nil || n != 1 || len(list) != 1 {
			t.Fatal(n, err)
		}
		if diff := cmp.Diff(in, list[0]); diff != "" {
			t.Error(diff)
		}
		if !utf8.ValidString(list[0].Text) || utf8.RuneCountInString(list[0].Text) > kpi.MaxFeedback {
			t.Errorf("kept: %q", list[0].Text)
		}
	})
}
