package ledger

import (
	"encoding/json"
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// maxBody bounds what a stored body may grow to when it is read: far above any real one, far below what hurts.
const maxBody = 1 << 30

func compress(b []byte) ([]byte, error) {
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	return w.EncodeAll(b, nil), w.Close()
}

func decompress(b []byte) ([]byte, error) {
	r, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxBody))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return r.DecodeAll(b, nil)
}

func pack(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return compress(b)
}

func unpack(b []byte, into any) error {
	text, err := decompress(b)
	if err != nil {
		return fmt.Errorf("stored text is damaged: %w", err)
	}
	return json.Unmarshal(text, into)
}
