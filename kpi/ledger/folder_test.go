package ledger

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"citystat/kpi"
)

func versions(c *kpi.City) map[string]int {
	m := map[string]int{}
	for _, i := range c.Indicators {
		m[i.ID] = i.Version
	}
	return m
}

func TestFolderAndDefinitionVersions(t *testing.T) {
	db := fresh(t)
	renamed := city("h2")
	renamed.Indicators[0].Name = kpi.NewText(kpi.English, "Potholes filled")
	measured := city("h3")
	measured.Indicators[0].Measure.Where = "type = 'pothole'"
	reread := city("h4")
	reread.Indicators[0].Measure.Where = "type = 'pothole'"
	reread.Datasets[0].Hash = "d2"
	steps := []struct {
		name   string
		city   *kpi.City
		folder int
		want   map[string]int
	}{
		{"first", city("h1"), 1, map[string]int{"potholes": 1, "on-time": 1}},
		{"the same again", city("h1"), 1, map[string]int{"potholes": 1, "on-time": 1}},
		{"a new name", renamed, 2, map[string]int{"potholes": 1, "on-time": 1}},
		{"another rule", measured, 3, map[string]int{"potholes": 2, "on-time": 1}},
		{"another reading of the dataset", reread, 4, map[string]int{"potholes": 3, "on-time": 2}},
		{"back to the first: a new version in force", city("h1"), 5, map[string]int{"potholes": 4, "on-time": 3}},
	}
	for i, s := range steps {
		at := day.Add(time.Duration(i) * time.Hour)
		if got := record(t, db, s.city, at); got != s.folder {
			t.Errorf("%s: folder %d, want %d", s.name, got, s.folder)
		}
		if diff := cmp.Diff(s.want, versions(s.city)); diff != "" {
			t.Errorf("%s: definition versions (-want +got):\n%s", s.name, diff)
		}
	}
	list, err := db.Definitions(t.Context(), "potholes")
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 4 || list[1].Folder != 3 || !list[1].Seen.Equal(day.Add(3*time.Hour)) || list[1].Indicator.Measure.Where != "type = 'pothole'" || list[1].Indicator.Version != 2 {
		t.Errorf("definitions: %+v", list)
	}
}

func TestCityKnownAt(t *testing.T) {
	db := fresh(t)
	first, second := city("h1"), city("h2")
	second.Indicators[1].Measure.Of = "closed < due"
	_, _, err := db.City(t.Context(), time.Time{})
	wantError(t, err, kpi.CodeNotFound, "no folder")
	record(t, db, first, day)
	record(t, db, second, day.Add(time.Hour))
	for _, c := range []struct {
		at   time.Time
		want int
		city *kpi.City
	}{
		{day, 1, first}, {day.Add(time.Hour - 1), 1, first}, {day.Add(time.Hour), 2, second}, {time.Time{}, 2, second},
		{day.In(time.FixedZone("", -5*3600)), 1, first},
	} {
		got, v, err := db.City(t.Context(), c.at)
		if err != nil {
			t.Fatal(err)
		}
		if v != c.want {
			t.Errorf("folder known at %v is %d, want %d", c.at, v, c.want)
		}
		if diff := cmp.Diff(c.city, got); diff != "" {
			t.Errorf("city known at %v (-want +got):\n%s", c.at, diff)
		}
	}
	_, _, err = db.City(t.Context(), day.Add(-1))
	wantError(t, err, kpi.CodeNotFound, "no folder of the city was known at that time; the first one was read at "+day.UTC().Format(time.RFC3339))
	got, err := db.Folder(t.Context(), 1)
	if err != nil || got.Hash != "h1" {
		t.Errorf("folder 1: %v, %v", got, err)
	}
	_, err = db.Folder(t.Context(), 3)
	wantError(t, err, kpi.CodeNotFound, "has no folder version 3")
}

func TestClockSetBackDoesNotReorderFolders(t *testing.T) {
	db := fresh(t)
	record(t, db, city("h1"), day)
	record(t, db, city("h2"), day.Add(-24*time.Hour))
	if _, v, err := db.City(t.Context(), day); err != nil || v != 2 {
		t.Errorf("folder known at the newest time is %d (%v), want 2", v, err)
	}
	_, _, err := db.City(t.Context(), day.Add(-time.Hour))
	wantError(t, err, kpi.CodeNotFound, "no folder")
}

func TestAnotherCityIsRefused(t *testing.T) {
	db := fresh(t)
	record(t, db, city("h1"), day)
	other := city("h9")
	other.ID = "shelbyville"
	_, err := db.RecordFolder(t.Context(), other, day)
	wantError(t, err, kpi.CodeConflict, "belongs to the city springfield and this folder is of shelbyville; name another data directory for it")
	if _, v, err := db.City(t.Context(), time.Time{}); err != nil || v != 1 {
		t.Errorf("the refused folder left version %d (%v)", v, err)
	}
}

func TestRecordFolderRefuses(t *testing.T) {
	db := fresh(t)
	lost := city("h1")
	lost.Indicators[0].Dataset = "nowhere"
	_, err := db.RecordFolder(t.Context(), lost, day)
	wantError(t, err, kpi.CodeInvalid, `indicator potholes is of dataset "nowhere", which the folder does not have`)
	twice := city("h1")
	twice.Indicators[1].ID = "potholes"
	_, err = db.RecordFolder(t.Context(), twice, day)
	wantError(t, err, kpi.CodeInvalid, "two indicators potholes")
	_, err = db.RecordFolder(t.Context(), city(""), day)
	wantError(t, err, kpi.CodeInvalid, "hash")
	_, err = db.RecordFolder(t.Context(), city("h"), time.Time{})
	wantError(t, err, kpi.CodeInvalid, "time")
	if _, _, err := db.City(t.Context(), time.Time{}); kpi.ErrorCode(err) != kpi.CodeNotFound {
		t.Errorf("a refused folder was kept: %v", err)
	}
}
