// Package evidence cleans what people send as evidence that a commitment was kept: photos and files.
//
// A file is what it holds, whatever its name says. A photo is decoded and written anew, turned as its camera said and no larger than a screen needs: nothing
// of what stood beside its pixels is left, such as where and when it was taken, by whom and with which camera, and the small preview that shows what was cut
// away. Tables, letters and texts are kept as they came, so whatever their programs wrote into them is still there; those with macros are refused. No archive
// is taken that would fill a disk when it is unpacked, and no picture that would fill the memory: its size is read before anything is decoded.
package evidence
