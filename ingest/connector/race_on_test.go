//go:build race

package connector

// raced: the race detector's own memory is part of what a process has, and it ends a process that may not have more with a status of its own.
// So under it a bound on memory still ends the process and the load fails, but the reason cannot be told; without it, it is.
const raced = true
