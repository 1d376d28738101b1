//! Columns as Go's `text/tabwriter` aligns them.
//!
//! A cell is what ends in a tab; a column is a run of lines that have that cell, and what follows the last tab of a
//! line belongs to none.

/// Aligns text with tabs: columns are at least `minimum` wide, `padding` included.
pub(super) fn align(text: &str, minimum: usize, padding: usize) -> String {
    let lines: Vec<Vec<&str>> = text.split('\n').map(|line| line.split('\t').collect()).collect();
    let mut widths: Vec<Vec<usize>> =
        lines.iter().map(|cells| vec![0; cells.len().saturating_sub(1)]).collect();
    let deepest = lines.iter().map(Vec::len).max().unwrap_or_default();
    for column in 0..deepest {
        let mut start = 0;
        while start < lines.len() {
            if lines[start].len() <= column + 1 {
                start += 1;
                continue;
            }
            let end = (start..lines.len()).find(|&i| lines[i].len() <= column + 1).unwrap_or(lines.len());
            let longest = lines[start..end].iter().map(|l| l[column].chars().count()).max();
            let longest = longest.unwrap_or_default();
            let width = (longest + padding).max(minimum);
            for row in &mut widths[start..end] {
                row[column] = width;
            }
            start = end;
        }
    }
    let lines = lines.iter().zip(&widths).map(|(cells, widths)| {
        cells.iter().enumerate().fold(String::new(), |mut line, (i, cell)| {
            line.push_str(cell);
            if let Some(width) = widths.get(i) {
                line.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.chars().count())));
            }
            line
        })
    });
    lines.collect::<Vec<String>>().join("\n")
}
