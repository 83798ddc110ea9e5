package pages

import (
	"container/list"
	"crypto/sha256"
	"encoding/hex"
	"sync"

	"citystat/assets"
)

// rendered is a page that was rendered once and is sent as it is: its bytes, its compressed bytes and its entity tag.
type rendered struct {
	body   []byte
	etag   string
	zipped func() []byte
}

// newRendered keeps a rendered body. The tag is a hash of the bytes, so it changes exactly when the page does.
func newRendered(body []byte) *rendered {
	sum := sha256.Sum256(body)
	return &rendered{
		body:   body,
		etag:   `"` + hex.EncodeToString(sum[:16]) + `"`,
		zipped: sync.OnceValue(func() []byte { return assets.Gzip(body) }),
	}
}

// cache keeps the pages that were asked for last, up to a number of bytes. It is safe for many goroutines.
type cache struct {
	mu    sync.Mutex
	limit int
	size  int
	order *list.List // of *entry, the one asked for last at the front
	byKey map[string]*list.Element
}

type entry struct {
	key  string
	page *rendered
}

func newCache(limit int) *cache {
	return &cache{limit: limit, order: list.New(), byKey: map[string]*list.Element{}}
}

// get returns the page under the key, or nil.
func (c *cache) get(key string) *rendered {
	c.mu.Lock()
	defer c.mu.Unlock()
	el, ok := c.byKey[key]
	if !ok {
		return nil
	}
	c.order.MoveToFront(el)
	return el.Value.(*entry).page
}

// put keeps a page, and lets go of those that nobody asked for longest. A page larger than the cache is not kept.
func (c *cache) put(key string, p *rendered) {
	if weight(key, p) > c.limit {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if el, ok := c.byKey[key]; ok {
		c.remove(el)
	}
	c.byKey[key] = c.order.PushFront(&entry{key, p})
	c.size += weight(key, p)
	for c.size > c.limit {
		c.remove(c.order.Back())
	}
}

func (c *cache) remove(el *list.Element) {
	e := c.order.Remove(el).(*entry)
	delete(c.byKey, e.key)
	c.size -= weight(e.key, e.page)
}

// weight is what an entry is counted as: its bytes, a quarter again for the compressed copy, and what keeps it.
func weight(key string, p *rendered) int { return len(key) + len(p.body) + len(p.body)/4 + 512 }
