// Go's otr3 for the benchmark: both sides of a conversation in one process. Speaks the protocol
// of engine_process.ts on stdin and stdout; nothing is read or written while time is taken.
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go build -o otr3_driver otr3_driver.go
package main

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/twstrike/otr3"
)

const group5 = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22" +
	"514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6" +
	"F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3D" +
	"C2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB" +
	"9ED529077096966D670C354E4ABC9804F1746C08CA237327FFFFFFFFFFFFFFFF"

var secret = []byte("the eagle has landed")

func must(err error) {
	if err != nil {
		fail(err.Error())
	}
}

func fail(what string) {
	fmt.Fprintln(os.Stderr, "otr3_driver:", what)
	os.Exit(1)
}

// A side of the conversation, and what it was told about SMP.
type side struct {
	*otr3.Conversation
	asked, verified bool
}

func (s *side) HandleSMPEvent(event otr3.SMPEvent, _ int, _ string) {
	switch event {
	case otr3.SMPEventAskForSecret:
		s.asked = true
	case otr3.SMPEventSuccess:
		s.verified = true
	}
}

func newSide(key *otr3.DSAPrivateKey, version int) *side {
	s := &side{Conversation: &otr3.Conversation{Rand: rand.Reader}}
	s.SetOurKeys([]otr3.PrivateKey{key})
	if version == 2 {
		s.Policies.AllowV2()
	} else {
		s.Policies.AllowV3()
	}
	s.SetSMPEventHandler(s)
	return s
}

type pair struct{ alice, bob *side }

func (p *pair) other(s *side) *side {
	if s == p.alice {
		return p.bob
	}
	return p.alice
}

// Delivers messages from one side, and every answer, until nothing is on its way.
func (p *pair) deliver(from *side, messages []otr3.ValidMessage) otr3.MessagePlaintext {
	var heard otr3.MessagePlaintext
	to := p.other(from)
	for _, message := range messages {
		plain, answers, err := to.Receive(message)
		must(err)
		if plain != nil {
			heard = plain
		}
		p.deliver(to, answers)
	}
	return heard
}

func (p *pair) say(from *side, text []byte) {
	messages, err := from.Send(text)
	must(err)
	if heard := p.deliver(from, messages); !bytes.Equal(heard, text) {
		fail("a message was not heard")
	}
}

var aliceKey, bobKey otr3.DSAPrivateKey

func ake(version int) *pair {
	p := &pair{newSide(&aliceKey, version), newSide(&bobKey, version)}
	p.deliver(p.alice, []otr3.ValidMessage{p.alice.QueryMessage()})
	if !p.alice.IsEncrypted() || !p.bob.IsEncrypted() {
		fail("a key exchange failed")
	}
	return p
}

func freshSession() *pair {
	p := ake(3)
	p.say(p.alice, []byte("hello"))
	p.say(p.bob, []byte("hello"))
	return p
}

func smp(p *pair) {
	p.alice.verified, p.bob.verified, p.bob.asked = false, false, false
	messages, err := p.alice.StartAuthenticate("", secret)
	must(err)
	p.deliver(p.alice, messages)
	if !p.bob.asked {
		fail("nobody was asked")
	}
	messages, err = p.bob.ProvideAuthenticationSecret(secret)
	must(err)
	p.deliver(p.bob, messages)
	if !p.alice.verified || !p.bob.verified {
		fail("SMP failed")
	}
}

// A work prepares itself and returns the step that is timed.
type work struct {
	name    string
	prepare func() func()
}

func always(step func()) func() func() { return func() func() { return step } }

func oneWay(length int) func() func() {
	return func() func() {
		p, words := freshSession(), bytes.Repeat([]byte("x"), length)
		return func() { p.say(p.alice, words) }
	}
}

func alternating(length int) func() func() {
	return func() func() {
		p, words := freshSession(), bytes.Repeat([]byte("x"), length)
		turn := p.alice
		return func() {
			p.say(turn, words)
			turn = p.other(turn)
		}
	}
}

func randomNumber(bits int) *big.Int {
	number, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), uint(bits)))
	must(err)
	return number.SetBit(number, bits-1, 1)
}

func power(bits int, ofTwo bool) func() func() {
	return func() func() {
		modulus, _ := new(big.Int).SetString(group5, 16)
		exponent, base := randomNumber(bits), big.NewInt(2)
		if !ofTwo {
			base = new(big.Int).Exp(base, exponent, modulus)
		}
		result := new(big.Int)
		return func() { result.Exp(base, exponent, modulus) }
	}
}

const digests = 64

func makeDigests() [digests][]byte {
	var made [digests][]byte
	for at := range made {
		made[at] = make([]byte, 32)
		_, err := rand.Read(made[at])
		must(err)
	}
	return made
}

func sign() func() {
	of, turn := makeDigests(), 0
	return func() {
		_, err := aliceKey.Sign(rand.Reader, of[turn%digests])
		must(err)
		turn++
	}
}

func verify() func() {
	of, turn := makeDigests(), 0
	var signatures [digests][]byte
	for at := range signatures {
		var err error
		signatures[at], err = aliceKey.Sign(rand.Reader, of[at])
		must(err)
	}
	return func() {
		if _, holds := aliceKey.PublicKey().Verify(of[turn%digests], signatures[turn%digests]); !holds {
			fail("a signature does not verify")
		}
		turn++
	}
}

var works = []work{
	{"keygen", always(func() {
		var key otr3.DSAPrivateKey
		must(key.Generate(rand.Reader))
	})},
	{"ake-v2", always(func() { ake(2) })},
	{"ake-v3", always(func() { ake(3) })},
	{"first-messages-v3", always(func() { freshSession() })},
	{"smp", func() func() {
		p := freshSession()
		return func() { smp(p) }
	}},
	{"data-alternating-100", alternating(100)},
	{"data-alternating-10k", alternating(10000)},
	{"data-oneway-100", oneWay(100)},
	{"data-oneway-10k", oneWay(10000)},
	{"modexp-320", power(320, false)},
	{"modexp-1536", power(1536, false)},
	{"modexp-g-320", power(320, true)},
	{"dsa-sign", sign},
	{"dsa-verify", verify},
}

func measure(prepare func() func(), budget float64, batch int) []float64 {
	step := prepare()
	var samples []float64
	begin := time.Now()
	for {
		start := time.Now()
		for at := 0; at < batch; at++ {
			step()
		}
		samples = append(samples, time.Since(start).Seconds()*1e3/float64(batch))
		if time.Since(begin).Seconds()*1e3 >= budget {
			return samples
		}
	}
}

func main() {
	must(aliceKey.Generate(rand.Reader))
	must(bobKey.Generate(rand.Reader))
	out := json.NewEncoder(os.Stdout)
	names := []string{}
	prepare := map[string]func() func(){}
	for _, it := range works {
		names = append(names, it.name)
		prepare[it.name] = it.prepare
	}
	// otr3 does not know its own version: whoever starts us may.
	version := strings.Join(append(os.Args[1:], runtime.Version()), " with ")
	must(out.Encode(map[string]interface{}{"engines": []interface{}{
		map[string]interface{}{"engine": "go-otr3", "version": version, "works": names},
	}}))
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var name string
		var budget float64
		var batch int
		_, err := fmt.Sscan(lines.Text(), &name, &budget, &batch)
		if err != nil || prepare[name] == nil || batch < 1 {
			must(out.Encode(map[string]string{"error": "no such work"}))
			continue
		}
		must(out.Encode(map[string]interface{}{"ms": measure(prepare[name], budget, batch)}))
	}
}
