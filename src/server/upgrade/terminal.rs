//! Lines as they are typed, and the terminal that shows them (`termios(3)`, canonical input).

use super::super::limits;

/// What was typed and not read yet.
#[derive(Debug)]
pub(super) struct Terminal {
    prompt: &'static str,
    bytes: Vec<u8>,
    line: Vec<u8>,
}

impl Terminal {
    pub(super) fn new(prompt: &'static str) -> Terminal {
        Terminal { prompt, bytes: Vec::new(), line: Vec::new() }
    }

    pub(super) fn prompt(&self) -> &'static str {
        self.prompt
    }

    /// Takes what is typed; none if a line grows beyond all bounds.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Option<()> {
        if self.line.len() > limits::TYPED {
            return None;
        }
        self.bytes.extend_from_slice(bytes);
        Some(())
    }

    /// Reads as far as the end of a line: what a terminal shows meanwhile, and the line if it has ended. An end of input is a
    /// line that is none.
    pub(super) fn read(&mut self, tty: bool) -> (String, Option<Option<String>>) {
        let mut echo = Vec::new();
        let mut ended = None;
        let mut read = 0;
        for &byte in &self.bytes {
            read += 1;
            match byte {
                b'\n' => ended = Some(true),
                b'\r' if tty => ended = Some(true),
                // Control and C: the line is thrown away.
                0x03 if tty => {
                    self.line.clear();
                    echo.extend_from_slice(b"^C");
                    ended = Some(true);
                }
                // Control and D.
                0x04 if tty => ended = self.line.is_empty().then_some(false),
                0x08 | 0x7f if tty => echo.extend(self.line.pop().iter().flat_map(|_| b"\x08 \x08")),
                0x20.. | b'\t' => {
                    self.line.push(byte);
                    echo.push(byte);
                }
                _ if !tty => self.line.push(byte),
                _ => {}
            }
            if ended.is_some() {
                break;
            }
        }
        self.bytes.drain(..read);
        if ended.is_some() {
            echo.extend_from_slice(b"\r\n");
        }
        let line = ended.map(|line| line.then(|| self.taken()));
        (String::from_utf8_lossy(&echo).into_owned(), line)
    }

    /// What stands there at the end of input without a line's end.
    pub(super) fn rest(&mut self) -> Option<String> {
        Some(self.taken()).filter(|line| !line.is_empty())
    }

    fn taken(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.line)).into_owned()
    }

    /// Text as a terminal is sent it.
    pub(super) fn shown(text: &str) -> String {
        text.replace('\n', "\r\n")
    }
}

#[cfg(test)]
mod tests {
    use super::Terminal;

    #[test]
    fn lines_are_read_as_a_terminal_does() {
        for (tty, typed, lines, echo) in [
            (false, "a\nb\n", vec![Some("a"), Some("b")], "a\r\nb\r\n"),
            (false, "a\u{3}\n", vec![Some("a\u{3}")], "a\r\n"),
            (true, "ls\r", vec![Some("ls")], "ls\r\n"),
            (true, "lx\u{7f}s\r\u{7f}", vec![Some("ls")], "lx\u{8} \u{8}s\r\n"),
            (true, "rm\u{3}ls\r", vec![Some(""), Some("ls")], "rm^C\r\nls\r\n"),
            (true, "l\u{4}s\r\u{4}", vec![Some("ls"), None], "ls\r\n\r\n"),
        ] {
            let mut terminal = Terminal::new("");
            terminal.take(typed.as_bytes()).expect("it is short");
            let (mut got, mut shown) = (Vec::new(), String::new());
            loop {
                let (echo, line) = terminal.read(tty);
                shown += &echo;
                let Some(line) = line else { break };
                got.push(line);
            }
            let want: Vec<Option<String>> = lines.into_iter().map(|line| line.map(str::to_owned)).collect();
            assert_eq!((got, shown.as_str()), (want, echo), "{typed:?}");
        }
    }
}
