package kpi

// OpenCase is a row behind a number that has begun and not ended: what it is known by, and nothing that anybody wrote into it.
type OpenCase struct {
	Key      map[string]string `json:"key"` // the columns that identify it
	Opened   Date              `json:"opened"`
	Due      Date              `json:"due,omitzero"` // by which it was promised, where the dataset knows
	Days     int               `json:"days"`         // since it was opened, on the day that is judged
	District string            `json:"district,omitempty"`
}
