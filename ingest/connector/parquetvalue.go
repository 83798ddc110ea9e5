package connector

import (
	"encoding/hex"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// leafFormat is how the values of a leaf are written, and whether JSON has them in quotes.
func leafFormat(e *format.SchemaElement) (write func([]byte, parquet.Value) []byte, quoted bool) {
	switch t := e.LogicalType.Value.(type) {
	case *format.DecimalType:
		return decimalFormat(int(t.Scale)), false
	case *format.DateType:
		return appendDate, true
	case *format.TimeType:
		return timeFormat(unitOf(t.Unit)), true
	case *format.TimestampType:
		return timestampFormat(unitOf(t.Unit), t.IsAdjustedToUTC), true
	case *format.IntType:
		return integerFormat(t.IsSigned), false
	case *format.UUIDType:
		return appendUUID, true
	case *format.Float16Type:
		return appendHalf, false
	case *format.StringType, *format.EnumType, *format.JsonType:
		return appendRaw, true
	case *format.BsonType:
		return appendHex, true
	}
	if e.ConvertedType.Valid {
		if write, quoted = convertedFormat(e); write != nil {
			return write, quoted
		}
	}
	switch e.Type.V {
	case format.ByteArray, format.FixedLenByteArray:
		return appendRaw, true
	case format.Int96:
		return appendInt96, true
	}
	return appendPlain, false
}

// convertedFormat is the same for the types of older files; nil if there is none.
func convertedFormat(e *format.SchemaElement) (write func([]byte, parquet.Value) []byte, quoted bool) {
	switch e.ConvertedType.V {
	case deprecated.Decimal:
		return decimalFormat(int(e.Scale.V)), false
	case deprecated.Date:
		return appendDate, true
	case deprecated.TimeMillis:
		return timeFormat(time.Millisecond), true
	case deprecated.TimeMicros:
		return timeFormat(time.Microsecond), true
	case deprecated.TimestampMillis:
		return timestampFormat(time.Millisecond, true), true
	case deprecated.TimestampMicros:
		return timestampFormat(time.Microsecond, true), true
	case deprecated.Uint8, deprecated.Uint16, deprecated.Uint32, deprecated.Uint64:
		return integerFormat(false), false
	case deprecated.UTF8, deprecated.Enum, deprecated.Json:
		return appendRaw, true
	case deprecated.Bson, deprecated.Interval:
		return appendHex, true
	}
	return nil, false
}

func unitOf(u format.TimeUnit) time.Duration {
	if u.Value == nil {
		return time.Millisecond
	}
	return u.Value.Duration()
}

// appendPlain writes a value of no logical type.
func appendPlain(b []byte, v parquet.Value) []byte {
	switch v.Kind() {
	case parquet.Boolean:
		return strconv.AppendBool(b, v.Boolean())
	case parquet.Int32:
		return strconv.AppendInt(b, int64(v.Int32()), 10)
	case parquet.Int64:
		return strconv.AppendInt(b, v.Int64(), 10)
	case parquet.Float:
		return appendFloat(b, float64(v.Float()), 32)
	case parquet.Double:
		return appendFloat(b, v.Double(), 64)
	}
	return append(b, v.ByteArray()...)
}

// appendFloat writes the shortest digits that mean the same number, with an exponent only where there would be many zeros.
func appendFloat(b []byte, f float64, bits int) []byte {
	verb := byte('f')
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		verb = 'e'
	}
	return strconv.AppendFloat(b, f, verb, -1, bits)
}

func integer(v parquet.Value) int64 {
	if v.Kind() == parquet.Int32 {
		return int64(v.Int32())
	}
	return v.Int64()
}

func isInteger(v parquet.Value) bool { return v.Kind() == parquet.Int32 || v.Kind() == parquet.Int64 }

func integerFormat(signed bool) func([]byte, parquet.Value) []byte {
	if signed {
		return appendPlain
	}
	return func(b []byte, v parquet.Value) []byte {
		switch v.Kind() {
		case parquet.Int32:
			return strconv.AppendUint(b, uint64(uint32(v.Int32())), 10)
		case parquet.Int64:
			return strconv.AppendUint(b, uint64(v.Int64()), 10)
		}
		return appendPlain(b, v)
	}
}

func appendRaw(b []byte, v parquet.Value) []byte {
	if k := v.Kind(); k != parquet.ByteArray && k != parquet.FixedLenByteArray {
		return appendPlain(b, v)
	}
	return append(b, v.ByteArray()...)
}

func appendHex(b []byte, v parquet.Value) []byte { return hex.AppendEncode(b, appendRaw(nil, v)) }

// decimalFormat writes an integer, or bytes that are one in two's complement, with the point before the last scale digits.
func decimalFormat(scale int) func([]byte, parquet.Value) []byte {
	return func(b []byte, v parquet.Value) []byte {
		switch {
		case scale < 0 || scale > 1000:
			return append(b, "decimal without a scale"...) // no number column takes it
		case isInteger(v):
			return appendScaled(b, strconv.FormatInt(integer(v), 10), scale)
		case v.Kind() == parquet.ByteArray || v.Kind() == parquet.FixedLenByteArray:
			return appendScaled(b, twosComplement(v.ByteArray()).String(), scale)
		}
		return appendPlain(b, v)
	}
}

func twosComplement(raw []byte) *big.Int {
	n := new(big.Int).SetBytes(raw)
	if len(raw) > 0 && raw[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(raw))))
	}
	return n
}

func appendScaled(b []byte, digits string, scale int) []byte {
	if strings.HasPrefix(digits, "-") {
		b, digits = append(b, '-'), digits[1:]
	}
	if scale == 0 {
		return append(b, digits...)
	}
	if pad := scale + 1 - len(digits); pad > 0 {
		digits = strings.Repeat("0", pad) + digits
	}
	b = append(b, digits[:len(digits)-scale]...)
	return append(append(b, '.'), digits[len(digits)-scale:]...)
}

// appendDate writes days since 1970-01-01.
func appendDate(b []byte, v parquet.Value) []byte {
	if !isInteger(v) {
		return appendPlain(b, v)
	}
	return time.Unix(0, 0).UTC().AddDate(0, 0, int(integer(v))).AppendFormat(b, time.DateOnly)
}

const (
	timeLayout  = "15:04:05.999999999"
	naiveLayout = "2006-01-02T" + timeLayout
)

// timeFormat writes units since midnight.
func timeFormat(unit time.Duration) func([]byte, parquet.Value) []byte {
	return func(b []byte, v parquet.Value) []byte {
		n := integer(v)
		if !isInteger(v) || n < 0 || n >= int64(24*time.Hour/unit) {
			return appendPlain(b, v) // no time of day: as it is, and no type takes it
		}
		return time.Unix(0, n*int64(unit)).UTC().AppendFormat(b, timeLayout)
	}
}

// timestampFormat writes units since 1970-01-01T00:00:00.
func timestampFormat(unit time.Duration, utc bool) func([]byte, parquet.Value) []byte {
	layout := naiveLayout
	if utc {
		layout += "Z"
	}
	per := int64(time.Second / unit)
	return func(b []byte, v parquet.Value) []byte {
		if !isInteger(v) {
			return appendPlain(b, v)
		}
		n := integer(v)
		seconds, rest := n/per, n%per
		if rest < 0 {
			seconds, rest = seconds-1, rest+per
		}
		return time.Unix(seconds, rest*int64(unit)).UTC().AppendFormat(b, layout)
	}
}

// appendInt96 writes a Julian day and the nanoseconds of the day, which Impala and Spark write for timestamps.
func appendInt96(b []byte, v parquet.Value) []byte {
	if v.Kind() != parquet.Int96 {
		return appendPlain(b, v)
	}
	const epoch = 2440588 // the Julian day of 1970-01-01
	i := v.Int96()
	nanos := int64(uint64(i[1])<<32 | uint64(i[0]))
	return time.Unix((int64(i[2])-epoch)*86400, nanos).UTC().AppendFormat(b, naiveLayout)
}

func appendUUID(b []byte, v parquet.Value) []byte {
	raw := appendRaw(nil, v)
	if len(raw) != 16 {
		return hex.AppendEncode(b, raw)
	}
	for i, part := range [][]byte{raw[:4], raw[4:6], raw[6:8], raw[8:10], raw[10:]} {
		if i > 0 {
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, part)
	}
	return b
}

// appendHalf writes an IEEE 754 half-precision number, two bytes in little-endian order.
func appendHalf(b []byte, v parquet.Value) []byte {
	raw := appendRaw(nil, v)
	if len(raw) != 2 {
		return hex.AppendEncode(b, raw)
	}
	slices.Reverse(raw)
	bits := uint16(raw[0])<<8 | uint16(raw[1])
	exponent, fraction := int(bits>>10&0x1f), float64(bits&0x3ff)
	var f float64
	switch exponent {
	case 0:
		f = math.Ldexp(fraction, -24)
	case 0x1f:
		if f = math.Inf(1); fraction != 0 {
			f = math.NaN()
		}
	default:
		f = math.Ldexp(1024+fraction, exponent-25)
	}
	if bits&0x8000 != 0 {
		f = -f
	}
	return appendFloat(b, f, 32)
}
