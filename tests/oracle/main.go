// The oracle: see README.md.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	html "html/template"
	"os"
	"path/filepath"
	"strings"
	text "text/template"
	"time"
	_ "time/tzdata"
)

type result struct {
	Mode     string  `json:"mode"`
	Data     string  `json:"data"`
	Template string  `json:"template"`
	Expected *string `json:"expected,omitempty"`
	Error    string  `json:"error,omitempty"`
}

func main() {
	time.Local = time.UTC
	folder := os.Args[1]
	messages := map[string]message{}
	content, err := os.ReadFile(filepath.Join(folder, "messages.json"))
	check(err)
	check(json.Unmarshal(content, &messages))
	if len(os.Args) == 5 {
		r := run(messages, result{Mode: os.Args[2], Data: os.Args[3], Template: os.Args[4]})
		if r.Expected != nil {
			fmt.Println(*r.Expected)
		} else {
			fmt.Println("ERROR", r.Error)
		}
		return
	}
	cases, err := os.ReadFile(filepath.Join(folder, "cases.txt"))
	check(err)
	results := []result{}
	for _, line := range strings.Split(string(cases), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		part := strings.SplitN(line, " ", 3)
		results = append(results, run(messages, result{
			Mode: part[0], Data: part[1], Template: strings.ReplaceAll(part[2], "⏎", "\n"),
		}))
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	out.WriteString("[\n")
	for i, r := range results {
		if i > 0 {
			out.Truncate(out.Len() - 1)
			out.WriteString(",\n")
		}
		check(encoder.Encode(r))
	}
	out.WriteString("]\n")
	check(os.WriteFile(filepath.Join(folder, "golden.json"), out.Bytes(), 0o644))
}

func run(messages map[string]message, r result) result {
	m, there := messages[r.Data]
	if !there {
		panic("no message " + r.Data)
	}
	var out bytes.Buffer
	var err error
	if r.Mode == "html" {
		var t *html.Template
		t, err = html.New("").Option("missingkey=zero").Funcs(html.FuncMap(functions(m.Now))).Parse(r.Template)
		if err == nil {
			err = t.Execute(&out, m.data())
		}
	} else {
		var t *text.Template
		t, err = text.New("").Option("missingkey=zero").Funcs(text.FuncMap(functions(m.Now))).Parse(r.Template)
		if err == nil {
			err = t.Execute(&out, m.data())
		}
	}
	if err != nil {
		r.Error = err.Error()
		return r
	}
	s := out.String()
	r.Expected = &s
	return r
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
