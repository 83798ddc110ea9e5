package kpi

import "reflect"

// EachText calls f with every text that the folder gives, wherever in the city it stands: one that a new part of the city brings is not
// forgotten.
func (c *City) EachText(f func(*Text)) { eachText(reflect.ValueOf(c), f) }

// TextStates counts the translations that no person stands behind, or that are of an earlier text, by language.
func (c *City) TextStates() map[Lang]map[TextState]int {
	count := map[Lang]map[TextState]int{}
	c.EachText(func(t *Text) {
		for lang, state := range t.State {
			if count[lang] == nil {
				count[lang] = map[TextState]int{}
			}
			count[lang][state]++
		}
	})
	return count
}

var textType = reflect.TypeFor[Text]()

func eachText(v reflect.Value, f func(*Text)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			eachText(v.Elem(), f)
		}
	case reflect.Struct:
		if v.Type() == textType {
			f(v.Addr().Interface().(*Text))
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				eachText(v.Field(i), f)
			}
		}
	case reflect.Slice:
		if k := v.Type().Elem().Kind(); k != reflect.Struct && k != reflect.Pointer {
			return // shapes of districts are many numbers
		}
		for i := range v.Len() {
			eachText(v.Index(i), f)
		}
	case reflect.Map:
		if v.Type().Elem().Kind() != reflect.Struct {
			return
		}
		for _, key := range v.MapKeys() { // the values of a map can be changed only as a whole
			value := reflect.New(v.Type().Elem()).Elem()
			value.Set(v.MapIndex(key))
			eachText(value, f)
			v.SetMapIndex(key, value)
		}
	}
}
