package kpi

import (
	"errors"
	"fmt"
)

// Code classifies an error for the edges of the program (HTTP status, exit status).
type Code string

// The codes. Anything that is not an *Error is CodeInternal: logged, never shown.
const (
	CodeInternal Code = "internal"
	CodeInvalid  Code = "invalid"   // the input is wrong and can be mended by who gave it
	CodeNotFound Code = "not_found" // no such thing, or not for this reader: the two are never told apart
	CodeConflict Code = "conflict"  // somebody else was first, or the thing is in use
	CodeDenied   Code = "denied"    // the reader may not
	CodeUnready  Code = "unready"   // not now; try again later
)

// Error is an error with a message fit for people. It says what happened, where, and the mend.
type Error struct {
	Code    Code
	Message string
	Err     error // what lies beneath, for the log; may be nil
}

// Error returns the message, and what lies beneath it.
func (e *Error) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

// Unwrap returns the error beneath.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error whose message is made as by fmt.Errorf.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// ErrorCode is the code of the first *Error in the chain of err; CodeInternal if there is none, "" if err is nil.
func ErrorCode(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}
