// Package job runs datasets by themselves.
package job
