package connector

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"
)

// A pipe hands blocks of bytes to several writers, each in a goroutine of its own, so that hashing, compressing and writing use the
// other cores. Memory is bounded: there are only so many blocks, and who fills them waits for the slowest writer.
type pipe struct {
	block  *block // being filled
	free   chan *block
	ways   []chan *block
	errs   []error // one a way; read after wg
	failed atomic.Bool
	wg     sync.WaitGroup
}

type block struct {
	b    []byte
	refs atomic.Int32
}

const blocks = 6

func newPipe(sinks ...io.Writer) *pipe {
	p := &pipe{free: make(chan *block, blocks), errs: make([]error, len(sinks))}
	for range blocks {
		p.free <- &block{b: make([]byte, 0, chunk+chunk/4)} // room for a last row beyond chunk
	}
	for i, sink := range sinks {
		way := make(chan *block, blocks)
		p.ways = append(p.ways, way)
		p.wg.Add(1)
		go func() {
			defer p.wg.Done()
			for blk := range way {
				if p.errs[i] == nil {
					if _, p.errs[i] = sink.Write(blk.b); p.errs[i] != nil {
						p.failed.Store(true)
					}
				}
				if blk.refs.Add(-1) == 0 {
					p.free <- blk
				}
			}
		}()
	}
	p.block = <-p.free
	return p
}

// flush hands over the block that is being filled and takes an empty one.
func (p *pipe) flush() {
	blk := p.block
	if len(blk.b) == 0 {
		return
	}
	blk.refs.Store(int32(len(p.ways)))
	for _, w := range p.ways {
		w <- blk
	}
	p.block = <-p.free
	p.block.b = p.block.b[:0]
}

// Write copies b into the pipe. It never fails: close tells what went wrong, and failed that something did.
func (p *pipe) Write(b []byte) (int, error) {
	n := len(b)
	for len(b) > 0 {
		k := min(len(b), cap(p.block.b)-len(p.block.b))
		p.block.b = append(p.block.b, b[:k]...)
		b = b[k:]
		if len(p.block.b) == cap(p.block.b) {
			p.flush()
		}
	}
	return n, nil
}

// close hands over the rest, waits for the writers and returns what went wrong in them.
func (p *pipe) close() error {
	p.flush()
	for _, w := range p.ways {
		close(w)
	}
	p.wg.Wait()
	return errors.Join(p.errs...)
}
