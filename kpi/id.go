package kpi

import "regexp"

var idPattern = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)

// ValidID reports whether s can be the identity of a dataset, indicator, priority, goal, department, district or person.
func ValidID(s string) bool { return idPattern.MatchString(s) }

// Reserved members of a dimension, for rows that belong to none of its members.
const (
	// MemberNotRecorded stands for rows whose field was blank.
	MemberNotRecorded = "not-recorded"
	// MemberNotRecognised stands for rows whose field held a name that is no member, even after aliases.
	MemberNotRecognised = "not-recognised"
)

// DimensionDistrict is the dimension whose members are the city's districts.
const DimensionDistrict = "district"
