package catalog

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// maxCertificates is the size up to which a file of certificates is read; the machine's own bundle has a quarter of it.
const maxCertificates = 1 << 20

// readAuthorities reads the file with the city's own certificate authorities: certificates alone, each of which can be read.
func (l *loader) readAuthorities(o object) error {
	n, name, err := l.fileOf(o, "ca", optional)
	if err != nil || n == nil {
		return err
	}
	data, err := l.bytes(name, maxCertificates)
	if err != nil {
		return err
	}
	message, mend := checkCertificates(data)
	if len(data) > maxCertificates {
		message, mend = "is too large", fmt.Sprintf("leave only the city's own authorities in it; at most %d MiB are read", maxCertificates>>20)
	}
	if message != "" {
		l.bad(n, mend, "%s %s", short(name), message)
		return nil
	}
	l.city.Network.CA = name
	return nil
}

// checkCertificates says what is wrong with a file of certificates, and the mend; nothing if it is good.
func checkCertificates(data []byte) (message, mend string) {
	const export = "export the certificate of the authority as PEM (Base64), which begins with -----BEGIN CERTIFICATE-----"
	count := 0
	for rest := data; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			if bytes.Contains(rest, []byte("-----BEGIN ")) {
				return "holds a block that is cut off or damaged", export
			}
			break
		}
		if strings.Contains(block.Type, "PRIVATE KEY") {
			return "holds a private key", "take it out, and consider it known: a secret never stands in the folder"
		}
		if block.Type != "CERTIFICATE" {
			return fmt.Sprintf("holds a block of type %s", short(block.Type)), "leave only the certificates of authorities in it"
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			return fmt.Sprintf("holds a certificate that cannot be read: %v", plainError(err)), export
		}
		count++
	}
	if count == 0 {
		return "holds no certificate", export
	}
	return "", ""
}

// plainError is an error without the name of the package that it comes from.
func plainError(err error) error {
	return errors.New(strings.TrimPrefix(strings.TrimPrefix(err.Error(), "x509: "), "asn1: "))
}
