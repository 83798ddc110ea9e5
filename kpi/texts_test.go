package kpi_test

import (
	"reflect"
	"testing"

	"citystat/kpi"
)

// TestEachText puts a text wherever a city has one, by asking the types, and wants every one of them to be met.
func TestEachText(t *testing.T) {
	var city kpi.City
	planted := 0
	plant(reflect.ValueOf(&city).Elem(), &planted)
	met := 0
	city.EachText(func(text *kpi.Text) {
		if text.In[kpi.English] != "planted" {
			t.Errorf("met %v", text)
		}
		text.In, text.State = nil, nil
		met++
	})
	if met != planted || planted < 25 {
		t.Errorf("%d texts are met, of %d", met, planted)
	}
	city.EachText(func(text *kpi.Text) {
		if text.In != nil {
			t.Error("a text was met as a copy: what was done to it is lost")
		}
	})
}

// plant fills every part of a value, with one element in each list and map.
func plant(v reflect.Value, n *int) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		plant(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		plant(v.Index(0), n)
	case reflect.Map:
		value := reflect.New(v.Type().Elem()).Elem()
		plant(value, n)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.Zero(v.Type().Key()), value)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[kpi.Text]() {
			v.Set(reflect.ValueOf(kpi.NewText(kpi.English, "planted")))
			*n++
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				plant(v.Field(i), n)
			}
		}
	}
}

func TestTextStates(t *testing.T) {
	text := func(states ...kpi.TextState) kpi.Text {
		t := kpi.NewText(kpi.English, "Lamps")
		t.State = map[kpi.Lang]kpi.TextState{}
		for i, s := range states {
			t.State[kpi.Langs[i+1]] = s
		}
		return t
	}
	city := kpi.City{
		Name: text(kpi.TextMachine, kpi.TextOutdated), Reasons: map[string]kpi.Text{"a": text(kpi.TextMachine)},
		Priorities: []kpi.Priority{{Goals: []kpi.Goal{{Name: text(kpi.TextDraft)}}}}, Glossary: []kpi.Term{{Term: kpi.NewText(kpi.English, "lamp")}},
	}
	want := map[kpi.Lang]map[kpi.TextState]int{
		kpi.Spanish:    {kpi.TextMachine: 2, kpi.TextDraft: 1},
		kpi.Portuguese: {kpi.TextOutdated: 1},
	}
	if got := city.TextStates(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
